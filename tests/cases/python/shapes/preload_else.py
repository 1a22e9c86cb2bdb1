import ctypes, sys
if sys.argv:
    print(1)
else:
    ctypes.CDLL("libpython3.11.so")  # expect: NLP102
