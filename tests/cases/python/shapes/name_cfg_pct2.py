import ctypes
import sysconfig

api = ctypes.PyDLL("%s/%s" % tuple(sysconfig.get_config_vars("LIBDIR", "INSTSONAME")))  # expect: NLP101
api.Py_IsInitialized()
