import ctypes
import distutils.sysconfig as dsc

lib = ctypes.PyDLL(dsc.get_config_var("INSTSONAME"))  # expect: NLP101
lib.Py_IsInitialized()
