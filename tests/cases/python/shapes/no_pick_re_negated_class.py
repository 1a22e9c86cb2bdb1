import ctypes, os, re
for name in os.listdir("/usr/lib"):
    if re.match(r"[^l]ibpython3", name):
        ctypes.CDLL(name)
