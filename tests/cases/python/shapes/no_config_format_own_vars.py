import ctypes
def get_config_vars():
    return {"LDLIBRARY": "libfoo.so"}
ctypes.CDLL("{LDLIBRARY}".format(**get_config_vars()))
print("libpython")
