import ctypes, re, sysconfig
api = ctypes.CDLL(re.sub(r"\.a$", ".so", sysconfig.get_config_var("LIBRARY")))  # expect: NLP101
api.Py_IsInitialized()
