import ctypes

def f(pythonapi):
    return pythonapi, ctypes.pythonapi  # expect: NLP101
