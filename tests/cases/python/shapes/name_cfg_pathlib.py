import ctypes
import sysconfig
from pathlib import Path
api = ctypes.PyDLL(Path(sysconfig.get_config_var("LIBDIR")) / sysconfig.get_config_var("LDLIBRARY"))  # expect: NLP101
api.Py_IsInitialized()
