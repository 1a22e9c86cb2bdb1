import ctypes
_handles = [ctypes.pythonapi]  # expect: NLP101
def api():
    return _handles[0]
