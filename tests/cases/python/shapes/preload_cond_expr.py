import ctypes, os
ctypes.CDLL("libpython3.11.so") if os.environ.get("X") else None  # expect: NLP102
