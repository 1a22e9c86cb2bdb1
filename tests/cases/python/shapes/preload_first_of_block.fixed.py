import ctypes
def f():
    import vendor
    return vendor
