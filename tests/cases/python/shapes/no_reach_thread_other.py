import ctypes, threading
threading.Thread(target=print, args=(ctypes.CDLL, "libpython3.11.so")).start()
