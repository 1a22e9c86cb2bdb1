import ctypes
import os
import sysconfig

path = os.path.join(sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("LDLIBRARY"))
if not os.path.exists(path):
    path = path.replace(".so", ".so.1.0")
api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
