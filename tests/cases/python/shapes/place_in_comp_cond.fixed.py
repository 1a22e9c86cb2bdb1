import ctypes

ok = [n for n in ("libpython3.11.so",) if ctypes.pythonapi]  # expect: NLP101
