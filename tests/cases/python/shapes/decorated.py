import ctypes


@ctypes.PyDLL("libpython3.11.so").register  # expect: NLP101
def f(): ...
