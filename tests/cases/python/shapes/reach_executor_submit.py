import ctypes
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as executor:
    future = executor.submit(ctypes.CDLL, "libpython3.11.so")  # expect: NLP101
future.result().Py_IsInitialized()
