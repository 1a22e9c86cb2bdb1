class A:
    import ctypes

    def f(self):
        return ctypes.CDLL("libpython3.11.so")
