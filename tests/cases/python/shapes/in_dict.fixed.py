import ctypes

LIBS = {
    "c": ctypes.CDLL("libc.so.6"),
    "python": ctypes.pythonapi,  # expect: NLP101
}
