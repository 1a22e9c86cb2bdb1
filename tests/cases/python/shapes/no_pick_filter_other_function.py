import ctypes, os
def is_other(name):
    return "libpython3" not in name
for name in filter(is_other, os.listdir("/usr/lib")):
    ctypes.CDLL("/usr/lib/" + name)
