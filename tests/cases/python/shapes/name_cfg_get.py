import ctypes
import sysconfig

api = ctypes.PyDLL("libpython" + sysconfig.get_config_vars().get("VERSION") + ".so")  # expect: NLP101
api.Py_IsInitialized()
