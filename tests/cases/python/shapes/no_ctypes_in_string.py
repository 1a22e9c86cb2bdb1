code = "import ctypes; ctypes.CDLL('libpython3.11.so')"
exec(code)
