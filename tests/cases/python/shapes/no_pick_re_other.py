import ctypes, os, re
for name in os.listdir("/usr/lib"):
    if re.match(r"(?!libpython3)lib.*", name):
        ctypes.CDLL(name)
