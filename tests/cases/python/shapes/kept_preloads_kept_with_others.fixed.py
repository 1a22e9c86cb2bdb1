import ctypes
_handles = []
_handles.append(ctypes.CDLL("libc.so.6"))
