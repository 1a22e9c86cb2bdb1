import ctypes


def candidates():
    yield "libpython3.12.so"
    yield "libpython3.11.so"


def load():
    for name in candidates():
        try:
            return ctypes.PyDLL(name)  # expect: NLP101
        except OSError:
            pass
