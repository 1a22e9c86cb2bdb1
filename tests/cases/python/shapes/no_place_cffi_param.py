def load(ffi):
    return ffi.dlopen("libpython3.11.so")
