import ctypes, os, sysconfig
api = ctypes.CDLL(os.path.splitext(sysconfig.get_config_var("LIBRARY"))[0] + ".so")  # expect: NLP101
api.Py_IsInitialized()
