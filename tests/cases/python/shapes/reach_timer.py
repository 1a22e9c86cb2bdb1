import ctypes, threading
threading.Timer(1.0, ctypes.CDLL, ["libpython3.11.so"]).start()  # expect: NLP101
