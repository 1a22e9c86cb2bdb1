from cffi import FFI
ffi = FFI()
ffi.set_source("_a", "x", libraries=["python3.11"])
