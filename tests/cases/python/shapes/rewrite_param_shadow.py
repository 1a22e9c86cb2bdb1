from ctypes import CDLL

def f(pythonapi):
    return pythonapi, CDLL("libpython3.11.so")  # expect: NLP101
