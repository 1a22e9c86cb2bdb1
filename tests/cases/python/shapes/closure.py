import ctypes


def make(version):
    name = f"libpython{version}.so"

    def load():
        return ctypes.PyDLL(name)  # expect: NLP101

    return load


make("3.11")().Py_IsInitialized()
