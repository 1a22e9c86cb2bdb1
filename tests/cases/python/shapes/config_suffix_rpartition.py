import ctypes, sysconfig
name = sysconfig.get_config_var("LIBRARY").rpartition(".")[0] + ".so"
api = ctypes.CDLL(name)  # expect: NLP101
api.Py_IsInitialized()
