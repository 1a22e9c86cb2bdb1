from cffi import FFI
ffi = FFI()
lib = ffi.verify("x", libraries=["python3.11"])
