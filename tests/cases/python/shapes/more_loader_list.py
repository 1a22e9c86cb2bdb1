import ctypes

for loader in (ctypes.CDLL, ctypes.PyDLL):
    print(loader("libpython3.11.so"))  # expect: NLP101
