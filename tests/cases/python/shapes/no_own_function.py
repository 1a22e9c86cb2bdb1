from ctypes import c_int


def CDLL(name):
    return name


lib = CDLL("libpython3.11.so")
print(lib, c_int)
