import ctypes
_handles = [ctypes.CDLL("libpython3.11.so")]  # expect: NLP101
def api():
    return _handles[0]
