import ctypes
import glob
api = ctypes.PyDLL((glob.glob("/usr/lib/libpython3.*.so") + glob.glob("/usr/lib64/libpython3.*.so"))[0])  # expect: NLP101
api.Py_IsInitialized()
