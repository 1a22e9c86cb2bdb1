import ctypes
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as executor:
    for api in executor.map(ctypes.CDLL, ["libc.so.6", "libpython3.11.so"]):  # expect: NLP101
        api.Py_IsInitialized()
