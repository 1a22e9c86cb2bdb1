import ctypes, sysconfig
ctypes.PyDLL("spam%(EXT_SUFFIX)s" % sysconfig.get_config_vars())
print("libpython")
