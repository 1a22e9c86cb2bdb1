import ctypes, os, sysconfig
values = sysconfig.get_config_vars()
api = ctypes.CDLL(os.path.join(values["LIBDIR"], values.get("LDLIBRARY", "")))  # expect: NLP101
api.Py_IsInitialized()
