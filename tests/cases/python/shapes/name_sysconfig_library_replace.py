import ctypes
import sysconfig

lib = ctypes.PyDLL(sysconfig.get_config_var("LIBRARY").replace(".a", ".so"))  # expect: NLP101
lib.Py_IsInitialized()
