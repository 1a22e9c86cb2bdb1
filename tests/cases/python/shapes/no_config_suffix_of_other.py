import ctypes, pathlib
ctypes.CDLL(str(pathlib.Path("libfoo.a").with_suffix(".so")))
print("libpython3.a")
