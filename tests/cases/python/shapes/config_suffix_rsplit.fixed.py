import ctypes, sysconfig
stem, _ = sysconfig.get_config_var("LIBRARY").rsplit(".", 1)
api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
