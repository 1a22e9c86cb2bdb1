import ctypes, sysconfig
api = ctypes.CDLL("%(LIBDIR)s/%(LDLIBRARY)s" % sysconfig.get_config_vars())  # expect: NLP101
api.Py_IsInitialized()
