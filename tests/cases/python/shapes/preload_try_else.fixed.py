import ctypes
try:
    import vendor
except ImportError:
    import vendor
