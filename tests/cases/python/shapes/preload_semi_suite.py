import ctypes, sys
if sys.argv: ctypes.CDLL("libpython3.11.so"); print(1)  # expect: NLP102
