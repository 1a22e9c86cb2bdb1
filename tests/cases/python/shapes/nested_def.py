import ctypes


class A:
    class B:
        lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
