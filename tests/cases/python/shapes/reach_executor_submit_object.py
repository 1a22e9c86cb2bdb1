import concurrent.futures, ctypes
executor = concurrent.futures.ThreadPoolExecutor()
future = executor.submit(ctypes.CDLL, name="libpython3.11.so")  # expect: NLP101
future.result().Py_IsInitialized()
