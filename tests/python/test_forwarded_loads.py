"""Loaders that something else calls or looks up, and the configuration variables as a whole."""

from __future__ import annotations

import pytest

from tests.python.marks import marked_rows, rows_of_findings

#: libpython is opened in the line that ends in "# here", and nowhere else.
FOUND = {
    "copy": """
import ctypes, sysconfig
cfg = sysconfig.get_config_vars().copy()
cfg["prefix"] = "/usr"
ctypes.PyDLL(cfg["LDLIBRARY"])  # here
""",
    "itemgetter": """
import ctypes, sysconfig, operator
ctypes.PyDLL(operator.itemgetter("LDLIBRARY")(sysconfig.get_config_vars()))  # here
""",
    "subscript fn": """
import ctypes
ctypes.CDLL(None)["dlopen"](b"libpython3.11.so", 2)  # here
""",
    "dlmopen": """
import ctypes
ctypes.CDLL(None).dlmopen(-1, b"libpython3.11.so", 2)  # here
""",
    "prototype": """
import ctypes
proto = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
dlopen = proto(("dlopen", ctypes.CDLL(None)))
dlopen(b"libpython3.11.so", 2)  # here
""",
    "process ctx": """
import ctypes, multiprocessing as mp
ctx = mp.get_context("spawn")
ctx.Process(target=ctypes.CDLL, args=("libpython3.11.so",)).start()  # here
""",
    "pool apply": """
import ctypes, multiprocessing as mp
with mp.Pool(1) as pool:
    pool.apply(ctypes.CDLL, ("libpython3.11.so",))  # here
""",
    "pool apply async": """
import ctypes
from multiprocessing import Pool
pool = Pool(1)
pool.apply_async(ctypes.CDLL, ("libpython3.11.so",))  # here
""",
    "pool imap": """
import ctypes
from multiprocessing.pool import ThreadPool
ThreadPool(1).imap(ctypes.CDLL, ["libpython3.11.so"])  # here
""",
    "map of a partial": """
import ctypes, functools
load = functools.partial(ctypes.CDLL, mode=ctypes.RTLD_GLOBAL)
list(map(load, ["libpython3.11.so"]))  # here
list(map(load, ["libm.so.6"]))
""",
    "pool starmap": """
import ctypes
from multiprocessing.pool import ThreadPool
ThreadPool(1).starmap(ctypes.CDLL, [("libpython3.11.so", 0)])  # here
""",
    "call soon": """
import asyncio, ctypes
loop = asyncio.new_event_loop()
loop.call_soon(ctypes.PyDLL, "libpython3.11.so")  # here
""",
    "call later": """
import asyncio, ctypes
async def f():
    asyncio.get_event_loop().call_later(1, ctypes.PyDLL, "libpython3.11.so")  # here
""",
    "trio": """
import trio, ctypes
async def f():
    await trio.to_thread.run_sync(ctypes.PyDLL, "libpython3.11.so")  # here
""",
    "weakref finalize": """
import weakref, ctypes
class A: pass
weakref.finalize(A(), ctypes.CDLL, "libpython3.11.so")  # here
""",
    "addcleanup": """
import unittest, ctypes
class T(unittest.TestCase):
    def test(self):
        self.addCleanup(ctypes.CDLL, "libpython3.11.so")  # here
""",
    "assertraises": """
import unittest, ctypes
class T(unittest.TestCase):
    def test(self):
        self.assertRaises(OSError, ctypes.CDLL, "libpython3.11.so")  # here
""",
    "pytest raises": """
import pytest, ctypes
def test():
    pytest.raises(OSError, ctypes.CDLL, "libpython3.11.so")  # here
""",
    "signal sched": """
import sched, ctypes
s = sched.scheduler()
s.enter(1, 1, ctypes.CDLL, argument=("libpython3.11.so",))  # here
""",
    "sysmodules get": """
import sys, ctypes
sys.modules.get("ctypes").PyDLL("libpython3.11.so")  # here
""",
    "import util": """
__import__("ctypes.util").CDLL("libpython3.11.so")  # here
""",
    "lru cache": """
import ctypes, functools
load = functools.lru_cache(maxsize=None)(ctypes.CDLL)
load("libpython3.11.so")  # here
""",
    "itertools starmap": """
import ctypes, itertools
list(itertools.starmap(ctypes.CDLL, [("libpython3.11.so", 0)]))  # here
""",
    "nested fn": """
import ctypes
def outer():
    def inner(name):
        return ctypes.CDLL(name)  # here
    return inner
outer()("libpython3.11.so")
""",
}
#: Each looks like one of those, and opens another library or none.
SILENT = {
    "percent ext": """
import ctypes, sysconfig
ctypes.PyDLL("%(LIBDIR)s/mymod%(EXT_SUFFIX)s" % sysconfig.get_config_vars())
""",
    "libfoo": """
import ctypes, sysconfig
ctypes.CDLL("{LIBDIR}/libfoo.so".format(**sysconfig.get_config_vars()))
""",
    "staticname": """
import ctypes, sysconfig
print("%(LIBDIR)s/%(LDLIBRARY)s" % sysconfig.get_config_vars())
ctypes.CDLL("%(LIBDIR)s/libssl.so" % sysconfig.get_config_vars())
""",
    "dirname": """
import ctypes, sysconfig, os
d = os.path.dirname("%(LIBDIR)s/%(LDLIBRARY)s" % sysconfig.get_config_vars())
ctypes.CDLL(os.path.join(d, "libm.so"))
""",
    "replace python": """
import ctypes, sysconfig
ctypes.CDLL(sysconfig.get_config_var("LDLIBRARY").replace("python", "ruby"))
""",
    "own dict": """
import ctypes
cfg = {"LIBDIR": "/usr/lib", "LDLIBRARY": "libfoo.so"}
ctypes.CDLL("%(LIBDIR)s/%(LDLIBRARY)s" % cfg)
""",
    "with suffix dll": """
import ctypes
from pathlib import Path
ctypes.CDLL(str(Path("C:/Python311/python311.lib").with_suffix(".dll")))
""",
    "with name": """
import ctypes, sysconfig
from pathlib import Path
ctypes.CDLL(str(Path(sysconfig.get_config_var("LDLIBRARY")).with_name("libtcl8.6.so")))
""",
    "overwritten": """
import ctypes, sysconfig
cfg = dict(sysconfig.get_config_vars())
cfg["LDLIBRARY"] = "libfoo.so"
ctypes.CDLL("%(LDLIBRARY)s" % cfg)
""",
    "format override": """
import ctypes, sysconfig
ctypes.CDLL("{LIBDIR}/{name}".format(name="libfoo.so", **sysconfig.get_config_vars()))
""",
    "thread name": """
import ctypes, threading
threading.Thread(target=print, args=("libpython3.11.so",)).start()
ctypes.CDLL("libm.so")
""",
    "submit other": """
import ctypes
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as ex:
    ex.submit(open, "libpython3.11.so")
    ex.submit(ctypes.CDLL, "libm.so.6")
""",
    "own submit": """
import ctypes
class Q:
    def submit(self, f, name): return (f, "libc.so.6")
Q().submit(ctypes.CDLL, "libpython3.11.so")
""",
    "windll": """
import ctypes
ctypes.WinDLL("libpython3.11.so")
""",
    "own class": """
class CDLL:
    def __init__(self, name): pass
CDLL("libpython3.11.so")
""",
    "dlopen of own": """
class L:
    def dlopen(self, n): pass
L().dlopen("libpython3.11.so")
""",
    "dlsym": """
import ctypes
ctypes.CDLL(None).dlsym(None, b"libpython3.11.so")
""",
    "process other": """
import ctypes, subprocess
subprocess.Popen(["ldd", "libpython3.11.so"])
ctypes.CDLL("libc.so.6")
""",
    "kw forward other": """
import ctypes
def load(**kw):
    return ctypes.CDLL(kw["path"])
load(name="libpython3.11.so", path="libm.so")
""",
    "map exists": """
import ctypes, os
list(map(os.path.exists, ["libpython3.11.so"]))
list(map(ctypes.CDLL, ["libm.so"]))
""",
    "patch": """
import ctypes
from unittest import mock
with mock.patch("ctypes.CDLL") as m:
    m.assert_called_with("libpython3.11.so")
""",
    "monkeypatched": """
import ctypes
def fake(name): return name
ctypes.CDLL = fake
print("libpython3.11.so")
""",
    "isinstance": """
import ctypes
print(isinstance("libpython3.11.so", ctypes.CDLL))
""",
    "partial unused": """
import ctypes, functools
load = functools.partial(ctypes.CDLL, "libm.so.6")
load()
print("libpython3.11.so")
""",
    "methodcaller other": """
import operator, ctypes
operator.methodcaller("CDLL", "libpython3.11.so")(object())
ctypes.CDLL("libm.so")
""",
}


@pytest.mark.parametrize("code", FOUND.values(), ids=FOUND)
def test_libpython_is_found(code: str) -> None:
    assert rows_of_findings(code) == marked_rows(code)
    assert len(marked_rows(code)) == 1


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_another_library_is_silent(code: str) -> None:
    assert rows_of_findings(code) == []
