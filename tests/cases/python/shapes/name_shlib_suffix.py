import ctypes
import sysconfig

lib = ctypes.PyDLL("libpython3.11" + sysconfig.get_config_var("SHLIB_SUFFIX"))  # expect: NLP101
lib.Py_IsInitialized()
