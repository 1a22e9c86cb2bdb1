import ctypes

while ctypes.pythonapi:  # expect: NLP101
    break
