import ctypes
import sysconfig

lib = ctypes.PyDLL(sysconfig.get_config_vars().get("INSTSONAME"))  # expect: NLP101
lib.Py_IsInitialized()
