import ctypes

names = ["libc.so.6"]
names.insert(0, "libpython3.11.so")
for n in names:
    print(ctypes.CDLL(n))  # expect: NLP101
