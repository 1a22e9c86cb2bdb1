from cffi import FFI

ffi = FFI()
ffi.cdef("int Py_IsInitialized(void);")
C = ffi.dlopen(None, ffi.RTLD_GLOBAL)  # expect: NLP103
C.Py_IsInitialized()
