import ctypes

ctypes.WinDLL("libpython3.11.so")
ctypes.windll.LoadLibrary("libpython3.11.so")
ctypes.OleDLL("libpython3.11.so")
