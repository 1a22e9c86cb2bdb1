import ctypes
_handles = set()
