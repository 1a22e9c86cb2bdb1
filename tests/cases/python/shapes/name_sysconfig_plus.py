import ctypes
import sysconfig
lib = ctypes.PyDLL(sysconfig.get_config_var("LIBDIR") + "/" + sysconfig.get_config_var("INSTSONAME"))  # expect: NLP101
lib.Py_IsInitialized()
