import ctypes, sysconfig
name = sysconfig.get_config_var("LIBRARY").rpartition(".")[0] + ".so"
api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
