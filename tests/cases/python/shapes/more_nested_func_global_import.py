def setup():
    global ctypes
    import ctypes


def load():
    return ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
