code = "import ctypes; ctypes.CDLL('libpython3.11.so')"  # expect: NLP102
exec(code)
