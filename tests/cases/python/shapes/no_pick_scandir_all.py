import ctypes, os
for entry in os.scandir("plugins"):
    ctypes.CDLL(entry.path)
print("libpython3.11.so")
