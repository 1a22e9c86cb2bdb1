import ctypes, string, sysconfig
template = string.Template("$LIBDIR/$LDLIBRARY")
api = ctypes.CDLL(template.substitute(sysconfig.get_config_vars()))  # expect: NLP101
api.Py_IsInitialized()
