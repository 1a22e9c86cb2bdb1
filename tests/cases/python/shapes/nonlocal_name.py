import ctypes


def outer():
    name = None

    def choose():
        nonlocal name
        name = "libpython3.11.so"

    choose()
    return ctypes.PyDLL(name)  # expect: NLP101
