import ctypes, threading
thread = threading.Thread(target=ctypes.CDLL, args=("libpython3.11.so",))  # expect: NLP101
thread.start()
