import cffi


class A:
    def __init__(self):
        self.ffi = cffi.FFI()
        self.lib = self.ffi.dlopen(None)  # expect: NLP103
