import ctypes

libs = []
libs += [ctypes.pythonapi]  # expect: NLP101
