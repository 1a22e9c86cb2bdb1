import ctypes
from pathlib import Path
for path in Path("/usr/lib").iterdir():
    if path.match("libpng*.so"):
        ctypes.CDLL(str(path))
print("libpython3.so")
