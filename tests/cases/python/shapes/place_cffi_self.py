import cffi


class A:
    def __init__(self):
        self.ffi = cffi.FFI()
        self.lib = self.ffi.dlopen("libpython3.11.so")  # expect: NLP103
