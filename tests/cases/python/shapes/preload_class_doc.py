import ctypes
class A:
    """Doc."""
    ctypes.CDLL("libpython3.11.so")  # expect: NLP102
