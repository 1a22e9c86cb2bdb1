import ctypes
from collections import OrderedDict
_by_name = {}
_made = dict()
_made["z"] = ctypes.CDLL("libz.so")
_literal = {"python": ctypes.CDLL("libpython3.11.so")}  # expect: NLP102
_listed = {name: ctypes.CDLL(name) for name in ("libz.so", "libpython3.11.so")}  # expect: NLP102
_slots = [None]
_ordered = OrderedDict()
for _name in ("libz.so", "libpython3.11.so"):
    _ordered[_name] = ctypes.CDLL(_name)  # expect: NLP102
def preload():
    kept = {}
preload()
