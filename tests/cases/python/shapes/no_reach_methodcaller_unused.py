import ctypes, operator
print(operator.methodcaller("LoadLibrary", "libpython3.11.so"))
