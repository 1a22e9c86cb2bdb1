import ctypes
import os
import sysconfig

LIBS = ["libstdc++.so.6", "libgcc_s.so.1", sysconfig.get_config_var("INSTSONAME")]
for lib in LIBS:
    ctypes.CDLL(lib, mode=ctypes.RTLD_GLOBAL)  # expect: NLP102
