import ctypes, os, re
for name in os.listdir("plugins"):
    if re.search(r"lib.*\.so", name):
        ctypes.CDLL(name)
print("libpython3.so")
