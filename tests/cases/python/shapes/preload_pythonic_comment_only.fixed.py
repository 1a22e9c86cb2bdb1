import ctypes
def f():
    # needed by vendor
    pass
    # end
