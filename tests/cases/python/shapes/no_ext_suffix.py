import ctypes
import sysconfig

lib = ctypes.CDLL("_native" + sysconfig.get_config_var("EXT_SUFFIX"))
lib.f()
