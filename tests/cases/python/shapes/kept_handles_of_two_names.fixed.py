import ctypes
_handles = libraries = []
_handles.append(ctypes.pythonapi)  # expect: NLP101
