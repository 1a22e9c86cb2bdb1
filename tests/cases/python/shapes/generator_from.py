import ctypes


def names():
    yield from ("libpython3.12.so", "libpython3.11.so")


for name in names():
    print(ctypes.PyDLL(name))  # expect: NLP101
