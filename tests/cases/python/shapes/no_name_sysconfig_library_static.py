import ctypes
import sysconfig

lib = sysconfig.get_config_var("LIBRARY")
print(lib)
