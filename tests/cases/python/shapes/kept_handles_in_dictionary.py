import ctypes, os, registry
_item = {}
_item["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
_item["python"].Py_IsInitialized()
_asked = {}
_asked["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
def handle(name):
    return _asked[name]
_cache = {}
def load():
    if "python" not in _cache:
        _cache["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
_given = {}
_given["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
registry.add(_given)
_one = _two = {}
_one["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
_theirs = registry.handles
_theirs["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
public = {}
public["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
_key = {ctypes.CDLL("libpython3.11.so"): 1}  # expect: NLP101
_grown = {}
_grown["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
_grown |= registry.more
def returned():
    kept = {}
    kept["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
    return kept
def parameter(kept):
    kept["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
class Libraries:
    by_name = {}
    by_name["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP101
