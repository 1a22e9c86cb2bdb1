import ctypes
handles = []
handles.append(ctypes.pythonapi)  # expect: NLP101
