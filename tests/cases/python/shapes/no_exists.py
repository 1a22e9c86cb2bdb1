import os
import ctypes.util

print(os.path.exists("/usr/lib/libpython3.11.so"))
print(ctypes.util.find_library("python3.11"))
