import ctypes
import sysconfig
import os

libdir, name = sysconfig.get_config_vars("LIBDIR", "LDLIBRARY")
lib = ctypes.PyDLL(os.path.join(libdir, name))  # expect: NLP101
lib.Py_IsInitialized()
