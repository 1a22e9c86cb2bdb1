import ctypes; import vendor  # expect: NLP102
