import ctypes
import sysconfig

api = ctypes.PyDLL(sysconfig.get_config_var(name="LDLIBRARY"))  # expect: NLP101
api.Py_IsInitialized()
