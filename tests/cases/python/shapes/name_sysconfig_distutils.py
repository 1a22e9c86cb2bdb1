import ctypes
from distutils import sysconfig

lib = ctypes.PyDLL(sysconfig.get_config_var("LDLIBRARY"))  # expect: NLP101
lib.Py_IsInitialized()
