import ctypes

while ctypes.PyDLL("libpython3.11.so"):  # expect: NLP101
    break
