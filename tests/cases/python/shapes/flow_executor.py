import ctypes
from concurrent.futures import ThreadPoolExecutor


def load(name):
    return ctypes.PyDLL(name).Py_IsInitialized()  # expect: NLP101


with ThreadPoolExecutor() as pool:
    pool.submit(load, "libpython3.11.so")
