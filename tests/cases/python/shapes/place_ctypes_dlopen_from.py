from _ctypes import dlopen

h = dlopen("libpython3.11.so")  # expect: NLP103
print(h)
