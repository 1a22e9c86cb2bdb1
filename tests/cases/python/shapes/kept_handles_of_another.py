import ctypes, registry
_handles = registry.handles
_handles.append(ctypes.CDLL("libpython3.11.so"))  # expect: NLP101
