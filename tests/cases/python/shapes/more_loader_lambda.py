import ctypes

load = lambda name: ctypes.PyDLL(name, ctypes.RTLD_GLOBAL)  # expect: NLP101
load("libpython3.11.so")
