import ctypes, sysconfig
ctypes.CDLL("%(LIBDIR)s/libpng%(SHLIB_SUFFIX)s" % sysconfig.get_config_vars())
print("libpython")
