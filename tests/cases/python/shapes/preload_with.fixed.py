import ctypes, contextlib
with contextlib.suppress(OSError):
    pass
