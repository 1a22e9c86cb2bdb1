import ctypes
from collections import OrderedDict
_by_name = {}
_by_name["python"] = ctypes.CDLL("libpython3.11.so", ctypes.RTLD_GLOBAL)  # expect: NLP102
_made = dict()
_made["z"] = ctypes.CDLL("libz.so")
_made["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP102
_literal = {"python": ctypes.CDLL("libpython3.11.so")}  # expect: NLP102
_listed = {name: ctypes.CDLL(name) for name in ("libz.so", "libpython3.11.so")}  # expect: NLP102
_slots = [None]
_slots[0] = ctypes.CDLL("libpython3.11.so")  # expect: NLP102
_ordered = OrderedDict()
for _name in ("libz.so", "libpython3.11.so"):
    _ordered[_name] = ctypes.CDLL(_name)  # expect: NLP102
def preload():
    kept = {}
    kept["python"] = ctypes.CDLL("libpython3.11.so")  # expect: NLP102
    _by_name["again"] = ctypes.CDLL("libpython3.11.so.1.0")  # expect: NLP102
preload()
