import ctypes

names = set()
names.add("libpython3.11.so")
for n in names:
    print(ctypes.pythonapi)  # expect: NLP101
