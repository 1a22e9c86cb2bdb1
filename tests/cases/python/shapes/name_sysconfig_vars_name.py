import ctypes
import sysconfig

cfg = sysconfig.get_config_vars()
lib = ctypes.PyDLL(cfg["LDLIBRARY"])  # expect: NLP101
lib.Py_IsInitialized()
