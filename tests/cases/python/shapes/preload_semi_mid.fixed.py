import ctypes; import sys  # expect: NLP102
print(sys)
