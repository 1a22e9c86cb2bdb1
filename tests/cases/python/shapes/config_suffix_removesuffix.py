import ctypes, sysconfig
api = ctypes.CDLL(sysconfig.get_config_var("LIBRARY").removesuffix(".a") + ".so")  # expect: NLP101
api.Py_IsInitialized()
