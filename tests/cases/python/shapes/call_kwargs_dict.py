import ctypes


def load(**options):
    return ctypes.PyDLL(options["name"])  # expect: NLP101


load(name="libpython3.11.so").Py_IsInitialized()
