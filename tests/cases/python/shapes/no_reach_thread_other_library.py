import ctypes, threading
threading.Thread(target=ctypes.CDLL, args=("libpng.so",), name="libpython3.11.so").start()
