import ctypes
from threading import Thread
thread = Thread(None, ctypes.PyDLL, kwargs={"name": "libpython3.11.so"})  # expect: NLP101
thread.start()
