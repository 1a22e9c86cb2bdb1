import ctypes, sysconfig
ctypes.CDLL(sysconfig.get_config_var("LIBRARY").rpartition("/")[2])
