from _mymod import ffi

lib = ffi.dlopen("libpython3.11.so")  # expect: NLP103
lib.f()
