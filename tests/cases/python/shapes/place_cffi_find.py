import cffi
from ctypes.util import find_library

ffi = cffi.FFI()
C = ffi.dlopen(find_library("python3.11"))  # expect: NLP103
C.f()
