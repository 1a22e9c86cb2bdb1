import ctypes, registry
_handles = registry.handles
_handles.append(ctypes.pythonapi)  # expect: NLP101
