import ctypes


def load(name, mode=ctypes.DEFAULT_MODE):
    return ctypes.CDLL(name, mode)  # expect: NLP101


api = load(name="libpython3.11.so")
api.Py_IsInitialized()
