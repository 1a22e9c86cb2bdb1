import ctypes
import sysconfig

lib = ctypes.PyDLL("libpython%s.so.1.0" % sysconfig.get_config_var("LDVERSION"))  # expect: NLP101
lib.Py_IsInitialized()
