import ctypes, sysconfig
api = ctypes.CDLL("libpython%(VERSION)s.so" % sysconfig.get_config_vars())  # expect: NLP101
api.Py_IsInitialized()
