import ctypes

LIBS = {"c": "libc.so.6", "python": "libpython3.11.so"}
for key, name in LIBS.items():
    if key != "python":
        print(ctypes.CDLL(name))
