import ctypes, os, re
for name in os.listdir("/usr/lib"):
    if not re.match("libpython3", name):
        ctypes.CDLL(name)
