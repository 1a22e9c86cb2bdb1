import ctypes
def load(handles):
    handles.append(ctypes.CDLL("libpython3.11.so"))  # expect: NLP101
