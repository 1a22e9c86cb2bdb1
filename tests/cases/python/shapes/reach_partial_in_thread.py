import ctypes, functools, threading
load = functools.partial(ctypes.CDLL, "libpython3.11.so")
threading.Thread(target=load).start()  # expect: NLP101
