import cffi

ffi = cffi.FFI()
ffi.dlopen(None).f()
