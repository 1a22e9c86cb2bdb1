import ctypes
import sysconfig
import os

libdir, name = sysconfig.get_config_vars("LIBDIR", "LDLIBRARY")
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
