import ctypes

a, b = ctypes.pythonapi, ctypes.pythonapi  # expect: NLP101 # expect: NLP101
print(a, b)
