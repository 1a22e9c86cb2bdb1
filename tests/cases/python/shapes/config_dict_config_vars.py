import ctypes, sysconfig
values = dict(sysconfig.get_config_vars())
api = ctypes.CDLL("{LIBDIR}/{LDLIBRARY}".format(**values))  # expect: NLP101
api.Py_IsInitialized()
