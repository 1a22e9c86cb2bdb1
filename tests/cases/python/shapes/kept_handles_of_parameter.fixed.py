import ctypes
def load(handles):
    handles.append(ctypes.pythonapi)  # expect: NLP101
