import ctypes
import sysconfig

lib = ctypes.PyDLL("libpython" + sysconfig.get_config_vars()["py_version_short"] + ".so")  # expect: NLP101
lib.Py_IsInitialized()
