import numpy as np

lib = np.ctypeslib.load_library("libpython3.11.so", "/usr/lib")  # expect: NLP103
lib.Py_IsInitialized()
