import ctypes
import itertools
import os

for directory, name in itertools.product(("/usr/lib", "/lib"), ("libpython3.11.so", "libpython3.so")):
    lib = ctypes.PyDLL(os.path.join(directory, name))  # expect: NLP101
    lib.Py_IsInitialized()
