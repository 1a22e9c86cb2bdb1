import ctypes

print(*[ctypes.pythonapi])  # expect: NLP101
