import ctypes, os, registry
_item = {}
_item["python"] = ctypes.pythonapi  # expect: NLP101
_item["python"].Py_IsInitialized()
_asked = {}
_asked["python"] = ctypes.pythonapi  # expect: NLP101
def handle(name):
    return _asked[name]
_cache = {}
def load():
    if "python" not in _cache:
        _cache["python"] = ctypes.pythonapi  # expect: NLP101
_given = {}
_given["python"] = ctypes.pythonapi  # expect: NLP101
registry.add(_given)
_one = _two = {}
_one["python"] = ctypes.pythonapi  # expect: NLP101
_theirs = registry.handles
_theirs["python"] = ctypes.pythonapi  # expect: NLP101
public = {}
public["python"] = ctypes.pythonapi  # expect: NLP101
_key = {ctypes.pythonapi: 1}  # expect: NLP101
_grown = {}
_grown["python"] = ctypes.pythonapi  # expect: NLP101
_grown |= registry.more
def returned():
    kept = {}
    kept["python"] = ctypes.pythonapi  # expect: NLP101
    return kept
def parameter(kept):
    kept["python"] = ctypes.pythonapi  # expect: NLP101
class Libraries:
    by_name = {}
    by_name["python"] = ctypes.pythonapi  # expect: NLP101
