def setup():
    global ctypes
    import ctypes


def load():
    return ctypes.pythonapi  # expect: NLP101
