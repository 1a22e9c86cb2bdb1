import ctypes

LIBS = {
    "c": ctypes.CDLL("libc.so.6"),
    "python": ctypes.PyDLL("libpython3.11.so"),  # expect: NLP101
}
