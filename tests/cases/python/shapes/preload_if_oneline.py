import ctypes, sys
if sys.flags.debug: ctypes.CDLL("libpython3.11.so")  # expect: NLP102
