import ctypes

ok = [n for n in ("libpython3.11.so",) if ctypes.CDLL(n)]  # expect: NLP101
