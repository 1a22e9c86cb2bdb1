import ctypes, sysconfig
ctypes.CDLL("{LIBDIR}/libfoo.so".format(**sysconfig.get_config_vars()))
print("libpython")
