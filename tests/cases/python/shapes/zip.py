import ctypes

for loader, name in zip((ctypes.CDLL, ctypes.PyDLL), ("libc.so.6", "libpython3.11.so")):
    print(loader(name))  # expect: NLP101
