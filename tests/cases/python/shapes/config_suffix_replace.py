import ctypes, sysconfig
api = ctypes.CDLL(sysconfig.get_config_var("LIBRARY").replace(".a", ".so"))  # expect: NLP101
api.Py_IsInitialized()
