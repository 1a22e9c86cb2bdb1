import ctypes

try:
    import android

    ctypes.pythonapi = ctypes.PyDLL("libpython3.11.so")
except ImportError:
    pass
