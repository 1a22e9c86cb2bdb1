"""Doc."""
def f():
    return __import__("ctypes").PyDLL("libpython3.11.so")  # expect: NLP101
