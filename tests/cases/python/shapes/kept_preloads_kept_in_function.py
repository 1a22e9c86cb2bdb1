import ctypes
_handles: list = list()
def preload():
    for name in ("libc.so.6", "libpython3.11.so"):
        _handles.append(ctypes.CDLL(name, ctypes.RTLD_GLOBAL))  # expect: NLP102
preload()
