import ctypes


@ctypes.pythonapi.register  # expect: NLP101
def f(): ...
