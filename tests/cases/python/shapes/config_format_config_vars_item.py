import ctypes, sysconfig
api = ctypes.CDLL("{0[LIBDIR]}/{0[LDLIBRARY]}".format(sysconfig.get_config_vars()))  # expect: NLP101
api.Py_IsInitialized()
