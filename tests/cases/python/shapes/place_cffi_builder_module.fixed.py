from _mymod import ffi

lib = ffi.dlopen(None)  # expect: NLP103
lib.f()
