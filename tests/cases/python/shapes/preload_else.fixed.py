import ctypes, sys
if sys.argv:
    print(1)
else:
    pass
