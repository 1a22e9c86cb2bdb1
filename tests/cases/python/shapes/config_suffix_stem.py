import ctypes, pathlib, sysconfig
library = pathlib.Path(sysconfig.get_config_var("LIBRARY"))
api = ctypes.CDLL(library.stem + ".so")  # expect: NLP101
api.Py_IsInitialized()
