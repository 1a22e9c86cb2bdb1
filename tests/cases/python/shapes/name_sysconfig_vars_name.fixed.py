import ctypes
import sysconfig

cfg = sysconfig.get_config_vars()
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
