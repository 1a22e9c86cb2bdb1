from cffi import FFI

ffi = FFI()
ffi.cdef("int Py_IsInitialized(void);")
C = ffi.dlopen("libpython3.11.so.1.0", ffi.RTLD_GLOBAL)  # expect: NLP103
C.Py_IsInitialized()
