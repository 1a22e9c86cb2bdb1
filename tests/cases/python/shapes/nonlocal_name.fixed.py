import ctypes


def outer():
    name = None

    def choose():
        nonlocal name
        name = "libpython3.11.so"

    choose()
    return ctypes.pythonapi  # expect: NLP101
