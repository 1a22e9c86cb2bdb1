import ctypes
from pathlib import Path
for path in Path("/usr/lib").iterdir():
    if path.match("libpython3*.so"):
        ctypes.CDLL(str(path.parent / "libpng.so"))
