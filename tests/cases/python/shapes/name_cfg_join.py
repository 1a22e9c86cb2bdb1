import ctypes
import sysconfig

api = ctypes.PyDLL("/".join(sysconfig.get_config_vars("LIBDIR", "INSTSONAME")))  # expect: NLP101
api.Py_IsInitialized()
