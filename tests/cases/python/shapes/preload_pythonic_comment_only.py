import ctypes
def f():
    # needed by vendor
    ctypes.CDLL("libpython3.11.so")  # expect: NLP102
    # end
