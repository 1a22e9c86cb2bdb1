import ctypes, contextlib
with contextlib.suppress(OSError):
    ctypes.CDLL("libpython3.11.so", mode=ctypes.RTLD_GLOBAL)  # expect: NLP102
