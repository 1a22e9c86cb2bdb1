import ctypes, string, sysconfig
template = string.Template("$LIBDIR/$LDLIBRARY")
api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
