import ctypes
import platform

lib = ctypes.PyDLL("libpython3.11.so") if platform.uname().system == "Windows" else None
print(lib)
