import ctypes, os
names = filter(lambda name: not name.startswith("libpython3."), os.listdir("/usr/lib"))
ctypes.CDLL(next(names))
