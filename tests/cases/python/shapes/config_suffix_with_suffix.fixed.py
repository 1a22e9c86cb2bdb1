import ctypes, pathlib, sysconfig
path = pathlib.Path("/usr/lib", sysconfig.get_config_var("LIBRARY")).with_suffix(".so")
api = ctypes.pythonapi  # expect: NLP101
api.Py_IsInitialized()
