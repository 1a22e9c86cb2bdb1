import ctypes
class Thread:
    def __init__(self, target, args):
        print(target, args)
Thread(target=ctypes.CDLL, args=("libpython3.11.so",))
