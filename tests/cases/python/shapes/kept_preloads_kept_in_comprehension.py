import ctypes
_handles = [ctypes.CDLL(name) for name in ("libc.so.6", "libpython3.11.so")]  # expect: NLP102
