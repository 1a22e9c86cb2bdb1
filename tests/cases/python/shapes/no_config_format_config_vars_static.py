import ctypes, sysconfig
ctypes.CDLL("{LIBDIR}/{LIBRARY}".format_map(sysconfig.get_config_vars()))
