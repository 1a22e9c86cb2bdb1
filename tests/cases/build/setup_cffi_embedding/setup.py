from cffi import FFI
ffi = FFI()
ffi.embedding_api("int f(int);")
ffi.set_source("_a", "x", libraries=["python3.11"])
