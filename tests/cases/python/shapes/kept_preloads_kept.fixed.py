import ctypes
_handles = []
