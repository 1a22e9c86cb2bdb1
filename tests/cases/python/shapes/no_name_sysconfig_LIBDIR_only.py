import ctypes
import sysconfig
import os

lib = ctypes.CDLL(os.path.join(sysconfig.get_config_var("LIBDIR"), "libssl.so"))
lib.Py_IsInitialized()
