import ctypes
from pathlib import Path
for path in Path("build").iterdir():
    if path.match("*.cpython-311-x86_64-linux-gnu.so"):
        ctypes.PyDLL(str(path))
print("python3")
