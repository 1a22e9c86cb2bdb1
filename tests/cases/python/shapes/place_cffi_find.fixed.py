import cffi
from ctypes.util import find_library

ffi = cffi.FFI()
C = ffi.dlopen(None)  # expect: NLP103
C.f()
