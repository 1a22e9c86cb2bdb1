import ctypes, sysconfig
ctypes.CDLL(sysconfig.get_config_var("LDLIBRARY").rpartition(".")[0] + ".txt")
