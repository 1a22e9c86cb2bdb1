import ctypes
import sysconfig
from ctypes.util import find_library

lib = ctypes.PyDLL(find_library("python" + sysconfig.get_config_var("LDVERSION")))  # expect: NLP101
lib.Py_IsInitialized()
