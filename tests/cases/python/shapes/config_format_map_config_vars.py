import ctypes, sysconfig
api = ctypes.CDLL("{LIBDIR}/{LDLIBRARY}".format_map(sysconfig.get_config_vars()))  # expect: NLP101
api.Py_IsInitialized()
