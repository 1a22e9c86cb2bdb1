import ctypes


class A:
    class B:
        lib = ctypes.pythonapi  # expect: NLP101
