import ctypes, os, sysconfig
values = sysconfig.get_config_vars()
api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
