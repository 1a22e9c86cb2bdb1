import ctypes, os
os.environ.get("X") and ctypes.CDLL("libpython3.11.so")  # expect: NLP102
