import ctypes
class A:
    """Doc."""
