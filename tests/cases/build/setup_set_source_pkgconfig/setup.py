from cffi import FFI
ffi = FFI()
ffi.set_source_pkgconfig("_a", ["libpng", "python3-embed"], "")
