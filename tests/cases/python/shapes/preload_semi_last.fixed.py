import ctypes  # expect: NLP102
