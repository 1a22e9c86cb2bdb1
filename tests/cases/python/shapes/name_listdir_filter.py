import ctypes
import os

for name in os.listdir("/usr/lib"):
    if name.startswith("libpython3."):
        ctypes.CDLL(name)  # expect: NLP102
