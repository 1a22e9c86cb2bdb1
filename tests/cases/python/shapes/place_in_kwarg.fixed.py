import ctypes

print(end=str(ctypes.pythonapi))  # expect: NLP101
