import ctypes

print(*[ctypes.PyDLL("libpython3.11.so")])  # expect: NLP101
