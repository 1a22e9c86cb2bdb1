import ctypes

for i, name in enumerate(["libpython3.12.so", "libpython3.11.so"]):
    print(i, ctypes.PyDLL(name))  # expect: NLP101
