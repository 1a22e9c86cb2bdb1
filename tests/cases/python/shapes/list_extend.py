import ctypes

names = ["libc.so"]
names += ["libpython3.11.so"]
libs = [ctypes.CDLL(name) for name in names]  # expect: NLP101
