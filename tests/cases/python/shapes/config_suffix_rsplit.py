import ctypes, sysconfig
stem, _ = sysconfig.get_config_var("LIBRARY").rsplit(".", 1)
api = ctypes.CDLL(stem + ".so")  # expect: NLP101
api.Py_IsInitialized()
