"""The kinds of programs that a fix could break, each with variants and look-alikes.

Beside a program is its verdict: ``safe`` is ``ctypes.pythonapi``, ``view`` a private view
of it, ``unsafe`` and ``none`` leave it alone. Where a safe fix is made, the program runs
before and after: it prints the same, or what failed before works.
"""

from __future__ import annotations

import re
import textwrap

import pytest

from no_libpython_dlopen.engine import api
from tests.generated.execution import run
from tests.generated.test_execution import SHARED, STATIC, safely_fixed
from tests.runtime.interpreters import Interpreter

LIB = '"libpython3.12.so.1.0"'

EXPORTS = {
    "view": [
        "api = ctypes.PyDLL(L)",
        "api: object = ctypes.PyDLL(L)",
        "(api := ctypes.PyDLL(L))",
        "api = other = ctypes.PyDLL(L)\nother.Py_GetVersion()",
        "api = ctypes.PyDLL(L)\nprint(globals()['api'].Py_GetVersion() != 0)",
        "_api = ctypes.PyDLL(L)\nprint(eval('_api.Py_GetVersion()') != 0)",
        "def f():\n    api = ctypes.PyDLL(L)\n    return locals()\nprint(f()['api'].Py_GetVersion() != 0)",
        "def f():\n    global api\n    api = ctypes.PyDLL(L)\nf()",
        "if sys.argv: api = ctypes.PyDLL(L)",
        "api = ctypes.PyDLL(L)\n__all__ = ['api']",
    ],
    "safe": ["api = ctypes.PyDLL(L)\nprint(api.Py_GetVersion() != 0)\ndel api"],
    "unsafe": [
        "_api = ctypes.PyDLL(L)",
        "ctypes.PyDLL(L)",
        "api = ctypes.PyDLL(L)\ndel api",
        "api = ctypes.PyDLL(L, mode=ctypes.RTLD_GLOBAL)",
        "def f(): api = ctypes.PyDLL(L)",
        "try: api = ctypes.PyDLL(L)\nexcept OSError: api = ctypes.pythonapi",
    ],
}
SELF = {
    "unsafe": [
        *(
            f"print(ctypes.{loader}(L).{name}())"
            for loader in ("CDLL", "PyDLL")
            for name in ("Py_IsInitialized", "PyGILState_Check")
        ),
        "lib = ctypes.PyDLL(L)\nassert lib.Py_IsInitialized()",
        "lib = ctypes.PyDLL(L)\nlib.Py_IsInitialized.restype = ctypes.c_int\nprint(lib.Py_IsInitialized())",
        "lib = ctypes.PyDLL(L)\nask = lib.Py_IsInitialized\nprint(ask())",
        (
            "class A:\n    def __init__(self): self.lib = ctypes.PyDLL(L)\n"
            "    def ok(self): return self.lib.Py_IsInitialized()\nprint(A().ok())"
        ),
        "print(ctypes.PyDLL(L).Py_GetVersion() == ctypes.pythonapi.Py_GetVersion())",
        "a = ctypes.PyDLL(L).Py_GetVersion()\nb = ctypes.pythonapi.Py_GetVersion()\nprint(a == b)",
        "from ctypes import pythonapi\nprint(ctypes.PyDLL(L).Py_GetVersion() == pythonapi.Py_GetVersion())",
        "for one in (ctypes.PyDLL(L), ctypes.pythonapi): print(one.Py_GetVersion() != 0)",
        "print(ctypes.c_char.in_dll(ctypes.PyDLL(L), '_Py_NoneStruct') is None)",
        "print(ctypes.PyDLL(L)._handle == ctypes.pythonapi._handle)",
        (
            "lib = ctypes.PyDLL(L)\ninfo = (ctypes.c_void_p * 4)()\n"
            "ctypes.CDLL(None).dladdr(ctypes.cast(lib.Py_GetVersion, ctypes.c_void_p), info)\n"
            "print(ctypes.string_at(info[0])[-9:])"
        ),
        (
            "lib = ctypes.PyDLL(L)\na = ctypes.cast(lib.Py_GetVersion, ctypes.c_void_p).value\n"
            "print(a == ctypes.cast(ctypes.pythonapi.Py_GetVersion, ctypes.c_void_p).value)"
        ),
        "ctypes.PyDLL(L).PyErr_Clear()\nprint('libpython3.12' in open('/proc/self/maps').read())",
    ],
    "safe": [
        "ctypes.PyDLL(L).Py_IsInitialized()",
        "print(ctypes.PyDLL(L).Py_GetVersion() != 0)\nctypes.pythonapi.PyErr_Clear()",
    ],
}
PROTOTYPES = {
    "view": [
        "ctypes.pythonapi.Py_GetVersion.restype = ctypes.c_char_p\nprint(type(ctypes.PyDLL(L).Py_GetVersion()))",
        "f = ctypes.pythonapi.Py_GetVersion\nf.restype = ctypes.c_char_p\nprint(type(ctypes.PyDLL(L).Py_GetVersion()))",
        "from ctypes import pythonapi as p\nsetattr(p.Py_GetVersion, 'restype', ctypes.c_char_p)\nprint(type(ctypes.PyDLL(L).Py_GetVersion()))",
        "vars(ctypes)['pythonapi'].Py_GetVersion.restype = ctypes.c_char_p\nprint(type(ctypes.PyDLL(L).Py_GetVersion()))",
        "ctypes.__dict__['pythonapi'].Py_GetVersion.restype = ctypes.c_char_p\nprint(type(ctypes.PyDLL(L).Py_GetVersion()))",
        "import operator\noperator.attrgetter('pythonapi.Py_GetVersion')(ctypes).restype = ctypes.c_char_p\nprint(type(ctypes.PyDLL(L).Py_GetVersion()))",
        "for f in (ctypes.pythonapi.Py_GetVersion,): f.restype = ctypes.c_char_p\nprint(type(ctypes.PyDLL(L).Py_GetVersion()))",
        "lib = ctypes.PyDLL(L)\nlib.Py_GetVersion.restype = ctypes.c_char_p\nprint(type(lib.Py_GetVersion()), type(ctypes.pythonapi.Py_GetPlatform()))",
        "lib = ctypes.CDLL(L, use_errno=True)\nlib.Py_GetVersion.restype = ctypes.c_char_p\nprint(type(lib.Py_GetVersion()))",
        "lib = ctypes.cdll.LoadLibrary(L)\nlib.Py_GetVersion.argtypes = []\nprint(lib.Py_GetVersion() != 0)",
        "from ctypes import cdll\nlib = cdll.LoadLibrary(L)\nlib.Py_GetVersion.argtypes = []\nprint(type(lib).__name__)",
        "from ctypes import PyDLL\nlib = PyDLL(L)\nlib.Py_GetVersion.errcheck = lambda r, f, a: 'seen'\nprint(lib.Py_GetVersion())",
        "lib = ctypes.PyDLL(L, ctypes.DEFAULT_MODE, None)\nlib.Py_GetVersion.restype = ctypes.c_char_p\nprint(type(lib.Py_GetVersion()))",
        "lib = ctypes.PyDLL(\n    L,  # the runtime\n)\nlib.Py_GetVersion.restype = ctypes.c_char_p\nprint(type(lib.Py_GetVersion()))",
        "Own = type('Own', (), {})\nOwn.lib = ctypes.PyDLL(L)\nprint(Own.lib._name[-3:])",
        "lib = ctypes.PyDLL(L)\nlib.__getattr__('PyLong_FromLong').restype = ctypes.py_object\nprint(lib.PyLong_FromLong(3))",
        "lib = ctypes.PyDLL(L)\nf = lib.__getitem__('PyLong_FromLong')\nf.restype = ctypes.py_object\nprint(f(3))",
    ],
    "unsafe": [
        "ctypes.cdll[L].Py_GetVersion.restype = ctypes.c_char_p\nprint(ctypes.cdll[L].Py_GetVersion())",
        "lib = ctypes.PyDLL(L, mode=ctypes.RTLD_GLOBAL)\nlib.Py_GetVersion.restype = ctypes.c_char_p",
    ],
    "safe": ["print(ctypes.PyDLL(L).Py_GetVersion() != 0, ctypes.pythonapi.Py_GetPlatform() != 0)"],
}
EMBEDDING = {
    "none": [
        f"lib = ctypes.{loader}(L)\nlib.{name}()"
        for loader in ("CDLL", "PyDLL")
        for name in (
            *("Py_PreInitialize", "Py_PreInitializeFromArgs", "Py_SetPythonHome", "Py_SetPath"),
            *("Py_SetProgramName", "PyInterpreterState_New", "PyThreadState_New", "Py_Exit"),
            *("PyEval_ReleaseLock", "PyEval_AcquireLock", "PyConfig_InitPythonConfig"),
        )
    ],
    "view": [
        "lib = ctypes.CDLL(L)\nlib.getpid()",
        "lib = ctypes.CDLL(L)\nprint(lib.usleep(1000))",
        "lib = ctypes.CDLL(L)\nif not sys.argv: lib.system(b'true')",
        "lib = ctypes.CDLL(L)\nif not sys.argv: lib.PyRun_InteractiveLoopFlags()",
        "lib = ctypes.CDLL(L)\nif not sys.argv: lib.PyThreadState_Swap(None)",
        (
            "lib = ctypes.CDLL(L)\nr, w = os.pipe()\n"
            "t = threading.Timer(0.2, os.write, (w, b'x'))\nt.start()\nb = ctypes.create_string_buffer(1)\n"
            "print(lib.read(r, b, 1), b.raw)"
        ),
        (
            "lib = ctypes.CDLL(L)\nlibc = ctypes.CDLL(None)\nlibc.fdopen.restype = ctypes.c_void_p\n"
            "r, w = os.pipe()\nfile = ctypes.c_void_p(libc.fdopen(r, b'r'))\n"
            "threading.Timer(0.2, os.write, (w, b'x\\n')).start()\nb = ctypes.create_string_buffer(9)\n"
            "lib.Py_UniversalNewlineFgets(b, 9, file, None)\nprint(b.value)"
        ),
    ],
    "safe": ["lib = ctypes.PyDLL(L)\nprint(lib.getpid() > 0)"],
}
CALL = "ctypes.PyDLL(L).PyErr_Clear()"
POOL = "from concurrent.futures import ThreadPoolExecutor\n"
HANDLERS = {
    "unsafe": [
        f"def f():\n    ok = False\n    try:\n        {CALL}\n        ok = True\n    finally: return ok\nprint(f())",
        f"def f(): {CALL}\ntry: f()\nexcept OSError: print('none')",
        f"def f(): {CALL}\ndef g(): f()\ntry: g()\nexcept Exception: print('none')",
        f"class A:\n    def __init__(self): {CALL}\ntry: A()\nexcept OSError: print('none')",
        f"class A:\n    def __init__(self): {CALL}\nclass B(A): pass\ntry: B()\nexcept OSError: print('none')",
        f"class A:\n    def f(self): {CALL}\na = A()\ntry: a.f()\nexcept OSError: print('none')",
        f"class A:\n    def f(self): {CALL}\n    def g(self):\n        try: self.f()\n        except OSError: pass\nA().g()",
        (
            "def quiet(f):\n    def g():\n        try: return f()\n        except OSError: return None\n    return g\n"
            f"@quiet\ndef f(): {CALL}\nf()"
        ),
        f"def attempt(f):\n    try: f()\n    except OSError: pass\ndef f(): {CALL}\nattempt(f)",
        f"f = lambda: {CALL}\ntry: f()\nexcept OSError: pass",
        f"def f(): {CALL}\ng = f\ntry: g()\nexcept OSError: pass",
        f"def f(): {CALL}\ng = functools.partial(f)\ntry: g()\nexcept OSError: pass",
        f"def f(): {CALL}\nd = {{'f': f}}\ntry: d['f']()\nexcept OSError: pass",
        f"class A:\n    def __call__(self): {CALL}\na = A()\ntry: a()\nexcept OSError: pass",
        f"import pytest\ndef f(): {CALL}\nwith pytest.raises(OSError): f()",
        f"import pytest\ndef f(): {CALL}\npytest.raises(OSError, f)",
        f"class T:\n    def test(self):\n        with self.assertRaises(OSError): {CALL}",
        f"class T:\n    def test(self): self.assertRaises(OSError, lambda: {CALL})",
        f"import anything\n@anything.forgiving\ndef f(): {CALL}\n",
        f"import anything\nwith anything.forgiving(): {CALL}",
        f"with contextlib.ExitStack() as stack: {CALL}",
        (
            "class Quiet:\n    def __enter__(self): pass\n    def __exit__(self, *a): return True\n"
            f"with Quiet(): {CALL}"
        ),
        (
            "@contextlib.contextmanager\ndef quiet():\n    try: yield\n    except OSError: pass\n"
            f"with quiet(): {CALL}"
        ),
        f"def f(): {CALL}\ng = f if sys.argv else print\ntry: g()\nexcept OSError: pass",
        f"def f(): {CALL}\ng = None or f\ntry: g()\nexcept OSError: pass",
        f"def f(): {CALL}\ndef g(h=f):\n    try: h()\n    except OSError: pass\ng()",
        f"def f(): {CALL}\ndef g(): yield f\nfor h in g():\n    try: h()\n    except OSError: pass",
        f"def f(): {CALL}\ng = lambda: f\ntry: g()()\nexcept OSError: pass",
        f"def f(): {CALL}\ndef g(h): k(h)\ndef k(h):\n    try: h()\n    except OSError: pass\ng(f)",
        f"def f(): {CALL}\ntry: globals()['f']()\nexcept OSError: pass",
        f"def f(): {CALL}\ntry: eval('f()')\nexcept OSError: pass",
        f"class A:\n    def f(self): {CALL}\ntry: getattr(A(), 'f')()\nexcept OSError: pass",
        (
            f"def f():\n    yield 1\n    {CALL}\ng = f()\nnext(g)\n"
            "try: next(g)\nexcept (OSError, StopIteration): pass"
        ),
        (
            f"import asyncio\nasync def f(): {CALL}\nasync def g():\n"
            "    return await asyncio.gather(f(), return_exceptions=True)\nprint(asyncio.run(g()))"
        ),
        (
            f"import asyncio\nasync def f(): {CALL}\nasync def g():\n    task = asyncio.ensure_future(f())\n"
            "    await asyncio.wait([task])\n    print(task.exception())\nasyncio.run(g())"
        ),
        f"{POOL}def f(): {CALL}\nwith ThreadPoolExecutor() as pool: print(pool.submit(f).exception())",
        (
            f"from multiprocessing.pool import ThreadPool\ndef f(): {CALL}\nwith ThreadPool(1) as pool:\n"
            "    pool.apply_async(f, error_callback=lambda error: print('failed')).wait()"
        ),
        (
            f"from multiprocessing.pool import ThreadPool\ndef f(): {CALL}\nwith ThreadPool(1) as pool:\n"
            "    done = pool.apply_async(f)\n    done.wait()\n    print(done.successful())"
        ),
        *(
            f"{POOL}def f(n=1): {CALL}\nwith ThreadPoolExecutor() as pool: {what}"
            for what in (
                *("pool.submit(f)", "print(pool.submit(f).done())", "pool.map(f, [1])"),
                *("pool.submit(functools.partial(f))", "g = pool.submit; g(f)"),
                "any(pool.submit(g) is None for g in [f])",
            )
        ),
        (
            f"{POOL}class A:\n    def __call__(self): {CALL}\n"
            "with ThreadPoolExecutor() as pool: pool.submit(A())"
        ),
        (
            f"from multiprocessing.pool import ThreadPool\ndef f(): {CALL}\n"
            "with ThreadPool(1) as pool: pool.apply_async(func=f).wait()"
        ),
        (
            f"import asyncio\nasync def f(): {CALL}\nasync def g():\n"
            "    await asyncio.wait([asyncio.create_task(f())])\nasyncio.run(g())"
        ),
        (
            f"import threading\ndef f(): {CALL}\nthreading.excepthook = lambda given: print('failed')\n"
            "thread = threading.Thread(target=f)\nthread.start()\nthread.join()"
        ),
        (
            f"import multiprocessing\ndef f(): {CALL}\n"
            "child = multiprocessing.get_context('fork').Process(target=f)\n"
            "child.start()\nchild.join()\nprint(child.exitcode)"
        ),
        f"import pytest\nwith pytest.raises(expected_exception=OSError): {CALL}",
        (
            "kept = []\ndef keep(f):\n    kept.append(f)\n    return f\n"
            f"@keep\ndef f(): {CALL}\nfor g in kept:\n    try: g()\n    except OSError: print('none')"
        ),
        f"def quiet(): return contextlib.suppress(OSError)\nwith quiet(): {CALL}",
        (
            "class Quiet:\n    def __enter__(self): pass\n    def __exit__(self, *given):\n"
            "        last = None\n        for one in given: last = one\n        return last\n"
            f"with Quiet(): {CALL}"
        ),
        f"g = ({CALL} for _ in '1')\ntry: next(g)\nexcept OSError: print('none')",
        f"try:\n    {CALL}\n    print('end', flush=True)\nfinally: os._exit(0)",
        f"try:\n    {CALL}\n    print('end')\nfinally: raise SystemExit(0)",
        f"print(f'{{{CALL}=}}')",
        f"class A:\n    def f(self, n): {CALL}\n    g = functools.partialmethod(f, 1)\ntry: A().g()\nexcept OSError: print('none')",
        (
            f"class A:\n    @property\n    def x(self): pass\n    @x.setter\n    def x(self, given): {CALL}\n"
            "try: A().x = 1\nexcept OSError: print('none')"
        ),
        f"import types\ndef f(self): {CALL}\ng = types.MethodType(f, 1)\ntry: g()\nexcept OSError: print('none')",
        (
            f"import signal\nsignal.signal(signal.SIGUSR1, lambda *given: {CALL})\n"
            "try: os.kill(os.getpid(), signal.SIGUSR1)\nexcept OSError: print('none')"
        ),
        f"def do_f(): {CALL}\nname = 'f'\ntry: globals()['do_' + name]()\nexcept OSError: print('none')",
        (
            f"class A:\n    def do_f(self): {CALL}\n    def run(self, name):\n"
            "        try: getattr(self, 'do_' + name)()\n        except OSError: print('none')\nA().run('f')"
        ),
        (
            f"class A:\n    def do_f(self): {CALL}\nfor name in dir(A):\n    if name[:3] == 'do_':\n"
            "        try: getattr(A(), name)()\n        except OSError: print('none')"
        ),
        (
            f"class B: pass\nclass A(B):\n    def __init__(self): {CALL}\nfor one in B.__subclasses__():\n"
            "    try: one()\n    except OSError: print('none')"
        ),
        (
            f"class A:\n    def __init__(self, given=0):\n        if given: {CALL}\n"
            "try: type(A())(1)\nexcept OSError: print('none')"
        ),
        (
            "kept = []\nclass B:\n    def __init_subclass__(cls): kept.append(cls)\n"
            f"class A(B):\n    def __init__(self): {CALL}\n"
            "for one in kept:\n    try: one()\n    except OSError: print('none')"
        ),
        (
            f"import ast\nclass A(ast.NodeVisitor):\n    def visit_Name(self, node): {CALL}\n"
            "try: A().visit(ast.parse('a'))\nexcept OSError: print('none')"
        ),
        f"import opener\nwith opener.quiet(): {CALL}",
    ],
    "safe": [
        f"try: {CALL}\nexcept OSError as e:\n    print('no library', e)\n    raise",
        f"def f(): {CALL}\ntry: f()\nexcept ValueError: print('none')",
        f"def f(): {CALL}\ndef g():\n    try: open('/none')\n    except OSError: print('none')\nf()\ng()",
        f"class A:\n    def f(self): {CALL}\nclass B:\n    def f(self): pass\ntry: B().f()\nexcept OSError: pass\nA().f()",
        f"class A:\n    @staticmethod\n    def f(): {CALL}\nA.f()",
        f"@functools.lru_cache\ndef f(): {CALL}\nf()",
        f"def f(): {CALL}\nthreading.Thread(target=f).start()\ntry: open('/none')\nexcept OSError: pass",
        f"def f(): {CALL}\ng = f\ng()",
        f"with open(os.devnull): {CALL}",
        f"with threading.Lock(): {CALL}",
        f"lock = threading.Lock()\nwith lock: {CALL}",
        f"with contextlib.suppress(KeyError): {CALL}",
        (
            "class Loud:\n    def __enter__(self): pass\n    def __exit__(self, *a): print('end')\n"
            f"with Loud(): {CALL}"
        ),
        f"@contextlib.contextmanager\ndef loud():\n    yield\n    print('end')\nwith loud(): {CALL}",
        f"import asyncio\nasync def f(): {CALL}\nasyncio.run(f())\ntry: open('/none')\nexcept OSError: pass",
        f"def f():\n    yield 1\n    {CALL}\nprint(list(f()))\ntry: open('/none')\nexcept OSError: pass",
        f"def f(): {CALL}\n__all__ = ['f']\nf()\ntry: open('/none')\nexcept OSError: pass",
        f"def twice(f): return lambda: (f(), f())\n@twice\ndef f(): {CALL}\nf()",
        f"print(len(list({CALL} for _ in '1')))\ntry: open('/none')\nexcept OSError: pass",
        f"@contextlib.contextmanager\ndef plain(): yield\ndef make(): return open(os.devnull)\nwith plain(): {CALL}\nwith make(): {CALL}",
        f"try: {CALL}\nfinally: print('end')",
        f"print(f'{{{CALL} is None!r}}')",
        (
            f"import unittest, io\nclass T(unittest.TestCase):\n    def test(self): {CALL}\n"
            "suite = unittest.defaultTestLoader.loadTestsFromTestCase(T)\n"
            "print(unittest.TextTestRunner(stream=io.StringIO()).run(suite).testsRun)\n"
            "try: open('/none')\nexcept OSError: pass"
        ),
        (
            f"class T(threading.Thread):\n    def run(self): {CALL}\nt = T()\nt.start()\nt.join()\n"
            "try: open('/none')\nexcept OSError: pass"
        ),
        f"class A:\n    def f(self): {CALL}\na = A()\na.f()\nprint(getattr(a, 'g', 1))\ntry: open('/none')\nexcept OSError: pass",
    ],
}
REPLACED = {
    "none": [
        "api = ctypes.PyDLL(L)\nctypes.pythonapi = api",
        "if not sys.argv: ctypes.pythonapi = ctypes.PyDLL(L)",
        "ctypes.pythonapi = ctypes.PyDLL(L) if not sys.argv else None",
        "def put(module, api): module.pythonapi = api\nput(ctypes, ctypes.PyDLL(L))",
        "def load(): return ctypes.PyDLL(L)\nctypes.pythonapi = load()",
        "api = ctypes.PyDLL(L)\nsetattr(ctypes, 'pythonapi', api)",
        "name = 'pythonapi'\nsetattr(ctypes, name, ctypes.PyDLL(L))",
        "mock.patch.object(ctypes, 'pythonapi', ctypes.PyDLL(L)).start()",
        "mock.patch('ctypes.pythonapi', ctypes.PyDLL(L)).start()",
        "vars(ctypes)['pythonapi'] = ctypes.PyDLL(L)",
        "ctypes.__dict__['pythonapi'] = ctypes.PyDLL(L)",
        "vars(ctypes).update(pythonapi=ctypes.PyDLL(L))",
        "vars(ctypes).update({'pythonapi': ctypes.PyDLL(L)})",
        "names = vars(ctypes)\nnames['pythonapi'] = ctypes.PyDLL(L)",
        "class A: pass\na = A()\na.lib = ctypes.PyDLL(L)\nctypes.pythonapi = a.lib",
        "ctypes.pythonapi._handle = ctypes.PyDLL(L)._handle",
        "api = ctypes.PyDLL(L)\ndel ctypes.pythonapi\napi.PyErr_Clear()",
        "api = ctypes.PyDLL(L)\nexec('ctypes.pythonapi = None')\napi.PyErr_Clear()",
        "api = ctypes.PyDLL(L)\nsys.modules['ctypes'] = None\napi.PyErr_Clear()",
        *(
            f"{change}\nctypes.PyDLL(L).PyErr_Clear()"
            for change in (
                "exec('ctypes.python' 'api = None')",
                "exec(\"setattr(ctypes, 'python' + 'api', None)\")",
                "vars(ctypes).pop('pythonapi')",
                "vars(ctypes).pop('python' + 'api')",
                "del ctypes.__dict__['pythonapi']",
                "[vars(ctypes).__delitem__(name) for name in ['pythonapi']]",
            )
        ),
        "with mock.patch.dict(sys.modules, {'ctypes': mock.Mock()}): ctypes.PyDLL(L).PyErr_Clear()",
        (
            "from ctypes import PyDLL\ndef put(): globals()['pythonapi'] = 4\nput()\n"
            "print(PyDLL(L).Py_GetVersion() != 0, pythonapi)"
        ),
    ],
    "unsafe": [
        f"with mock.patch('ctypes._dlopen', wraps=ctypes._dlopen) as fake: {CALL}\nprint(fake.called)",
        (
            "old = ctypes.CDLL.__init__\ndef init(self, *given, **named):\n    print('made')\n"
            f"    old(self, *given, **named)\nctypes.CDLL.__init__ = init\n{CALL}"
        ),
        (
            "import ctypes.util\nwith mock.patch('ctypes.util.find_library', return_value=L) as fake:\n"
            "    ctypes.PyDLL(ctypes.util.find_library('python3.12')).PyErr_Clear()\nprint(fake.called)"
        ),
        (
            "import ctypes.util\nctypes.util.find_library = lambda name: 'libm.so.6'\n"
            "def f():\n    name = ctypes.util.find_library('python3.12')\n    ctypes.PyDLL(name).PyErr_Clear()\nf()"
        ),
        f"seen = []\nsys.addaudithook(lambda event, _: seen.append(event))\n{CALL}\nprint('ctypes.dlopen' in seen)",
    ],
    "view": [
        "class A:\n    def __init__(self): self.pythonapi = ctypes.PyDLL(L)\nprint(A().pythonapi._name[-3:])"
    ],
    "safe": [f"x = {{}}\nx['pythonapi'] = 1\n{CALL}"],
}
COPIES = {
    "unsafe": [
        f"{CALL}\nctypes.PyDLL('libpython3.11.so.1.0').PyErr_Clear()",
        "d = tempfile.mkdtemp()\nctypes.PyDLL(d + '/libpython3.12.so').PyErr_Clear()",
        "with tempfile.TemporaryDirectory() as d: ctypes.PyDLL(os.path.join(d, 'libpython3.12.so')).PyErr_Clear()",
        "ctypes.PyDLL('/tmp/copy/libpython3.12.so').PyErr_Clear()",
        "copy = os.path.join(os.getcwd(), 'libpython3.12.so')\nshutil.copy('/x', copy)\nctypes.PyDLL(copy).PyErr_Clear()",
        "copy = os.path.join(os.getcwd(), 'libpython3.12.so')\nopen(copy, 'wb').close()\nctypes.PyDLL(copy).PyErr_Clear()",
        "import subprocess\ncopy = './libpython3.12.so'\nsubprocess.run(['cp', '/x', copy])\nctypes.PyDLL(copy).PyErr_Clear()",
    ],
    "safe": [
        f"{CALL}\nctypes.PyDLL('libpython3.12.so').PyErr_Clear()",
        (
            "if sys.version_info >= (3, 12): ctypes.PyDLL('libpython3.12.so.1.0').PyErr_Clear()\n"
            "else: ctypes.PyDLL('libpython3.11.so.1.0').PyErr_Clear()"
        ),
        "name = 'libpython3.12.so.1.0'\nopen(os.devnull, 'w').close()\nctypes.PyDLL(name).PyErr_Clear()",
    ],
}
WINDOWS = 'if sys.platform == "win32":'
NAMES = {
    "safe": [
        f"from ctypes import PyDLL\ndef f():\n    {WINDOWS}\n        from ctypes import pythonapi\n        return pythonapi\n    return PyDLL(L).Py_GetVersion() != 0\nprint(f())",
        f"from ctypes import PyDLL\ndef f():\n    {WINDOWS}\n        import ctypes\n    return PyDLL(L).Py_GetVersion() != 0\nprint(f())",
        "from ctypes import PyDLL\nclass A:\n    x = PyDLL(L).Py_GetVersion() != 0\n    from ctypes import pythonapi\nprint(A.x)",
        "from ctypes import PyDLL, pythonapi\ndel pythonapi\nprint(PyDLL(L).Py_GetVersion() != 0)",
        "from ctypes import PyDLL\nfor pythonapi in (): pass\nprint(PyDLL(L).Py_GetVersion() != 0)",
        "from ctypes import PyDLL\nprint([PyDLL(L).Py_GetVersion() != 0 for pythonapi in (1, 2)])",
        "from ctypes import PyDLL\ndef f():\n    pythonapi = 1\n    def g():\n        nonlocal pythonapi\n        pythonapi = 2\n        return PyDLL(L).Py_GetVersion() != 0\n    return g(), pythonapi\nprint(f())",
        "from ctypes import PyDLL\ndef f():\n    global pythonapi\n    pythonapi = 3\nf()\nprint(PyDLL(L).Py_GetVersion() != 0, pythonapi)",
        "import importlib\nprint(importlib.import_module('ctypes').PyDLL(L).Py_GetVersion() != 0)\nfrom ctypes import c_int",
        "import importlib\nif not sys.argv:\n    from ctypes import c_int\nprint(importlib.import_module('ctypes').PyDLL(L).Py_GetVersion() != 0)",
        "from ctypes import pythonapi\ndef f():\n    pythonapi.PyErr_Clear()\n    from ctypes import PyDLL\n    return PyDLL(L).Py_GetVersion() != 0\nprint(f())",
        "def f():\n    return(ctypes.PyDLL)(L).Py_GetVersion() != 0\nprint(f())",
        "api = ctypes.PyDLL(L)if sys.argv else None\nprint(api.Py_GetVersion() != 0)",
        "api = None if not sys.argv else(ctypes.PyDLL)(L)\nprint(api.Py_GetVersion() != 0)",
        "class A:\n    from ctypes import PyDLL\n    x = PyDLL(L).Py_GetVersion() != 0\n    def f(self): return self.PyDLL\nprint(A.x, A().f())",
        f"{WINDOWS}\n    from ctypes import WinDLL as PyDLL\nelse:\n    from ctypes import PyDLL\nprint(PyDLL(L).Py_GetVersion() != 0)",
        "print(1)\nfrom ctypes import PyDLL as P; print(P(L).Py_GetVersion() != 0)",
    ]
}
ARGUMENTS = {
    "view": [
        'try: ctypes.PyDLL(os.environ["NONE_SUCH"] + "/libpython3.12.so.1.0").PyErr_Clear()\nexcept KeyError: print("none")',
        'def f(): ctypes.PyDLL(os.environ["NONE_SUCH"] + "/libpython3.12.so.1.0").PyErr_Clear()\ntry: f()\nexcept KeyError: print("none")',
        'try: ctypes.PyDLL(sys.argv[1] + "/libpython3.12.so.1.0").PyErr_Clear()\nexcept IndexError: print("none")',
        "def name():\n    print('asked')\n    return L\nctypes.PyDLL(name()).PyErr_Clear()",
        "class N:\n    @property\n    def name(self):\n        print('asked')\n        return L\nctypes.PyDLL(N().name).PyErr_Clear()",
        "class N:\n    def __init__(self):\n        print('made')\n        self.name = L\nctypes.PyDLL(N().name).PyErr_Clear()",
        "d = {}\nctypes.PyDLL(d.setdefault('n', L)).PyErr_Clear()\nprint(d)",
        "ctypes.PyDLL((n := L)).PyErr_Clear()\nprint(n)",
        "ctypes.PyDLL(sorted([L], key=lambda n: [print(n)])[0]).PyErr_Clear()",
        'try: ctypes.PyDLL(os.path.join(os.environ.get("NONE_SUCH"), L)).PyErr_Clear()\nexcept TypeError: print("none")',
        'prefix = os.getenv("NONE_SUCH")\ntry: ctypes.PyDLL(os.path.join(prefix, L)).PyErr_Clear()\nexcept TypeError: print("none")',
        'import pathlib\ntry: ctypes.PyDLL(str(pathlib.Path(os.environ.get("NONE_SUCH")) / L)).PyErr_Clear()\nexcept TypeError: print("none")',
        'try: ctypes.PyDLL("%(NONE_SUCH)s/libpython3.12.so.1.0" % os.environ).PyErr_Clear()\nexcept KeyError: print("none")',
        'try: ctypes.PyDLL("{NONE_SUCH}/libpython3.12.so.1.0".format(**os.environ)).PyErr_Clear()\nexcept KeyError: print("none")',
        'try: ctypes.PyDLL("{NONE_SUCH}/libpython3.12.so.1.0".format_map(os.environ)).PyErr_Clear()\nexcept KeyError: print("none")',
        'try: ctypes.PyDLL(NONE_SUCH + "/libpython3.12.so.1.0").PyErr_Clear()\nexcept NameError: print("none")',
        (
            "def f(given):\n    if given: name = L\n    ctypes.PyDLL(name).PyErr_Clear()\nf(1)\n"
            "try: f(0)\nexcept UnboundLocalError: print('none')"
        ),
        "ctypes.PyDLL((sys.stdout.write('asked'), L)[1]).PyErr_Clear()",
        "seen = []\nctypes.PyDLL(sorted([L], key=seen.append)[0]).PyErr_Clear()\nprint(seen)",
        (
            "class N:\n    def __str__(self):\n        print('asked')\n        return '12'\n"
            "ctypes.PyDLL('libpython3.%s.so.1.0' % N()).PyErr_Clear()"
        ),
        "z = 0\ntry: ctypes.PyDLL(L if 1 / z else L).PyErr_Clear()\nexcept ZeroDivisionError: print('none')",
        "try: ctypes.PyDLL(sys.no_such + L).PyErr_Clear()\nexcept AttributeError: print('none')",
        "n = 12\ntry: ctypes.PyDLL('libpython3.' + n + '.so').PyErr_Clear()\nexcept TypeError: print('none')",
        "try: ctypes.PyDLL('libpython%d.%d.so' % (3,)).PyErr_Clear()\nexcept TypeError: print('none')",
        "try: ctypes.PyDLL('libpython3.%d.so' % '12').PyErr_Clear()\nexcept TypeError: print('none')",
        "try: ctypes.PyDLL('libpython{}.{}.so'.format(3)).PyErr_Clear()\nexcept IndexError: print('none')",
        "try: ctypes.PyDLL(L.encode('no-such')).PyErr_Clear()\nexcept LookupError: print('none')",
        "try: ctypes.PyDLL(os.path.commonpath([]) + L).PyErr_Clear()\nexcept ValueError: print('none')",
    ],
    "none": ["ctypes.pydll[(n := L)].PyErr_Clear()\nprint(n)"],
    "safe": [
        'ctypes.PyDLL("libpython%d.%d.so.1.0" % sys.version_info[:2]).PyErr_Clear()',
        "try: ctypes.PyDLL(L.strip()).PyErr_Clear()\nexcept KeyError: pass",
        "try: ctypes.PyDLL([L][0]).PyErr_Clear()\nexcept IndexError: pass",
        "def f():\n    name = L\n    try: ctypes.PyDLL(name).PyErr_Clear()\n    except NameError: pass\nf()",
        'try: ctypes.PyDLL("libpython%s.so.1.0" % "3.12").PyErr_Clear()\nexcept TypeError: pass',
        'try: ctypes.PyDLL("libpython{}.so.1.0".format("3.12")).PyErr_Clear()\nexcept IndexError: pass',
        'try: ctypes.PyDLL("libpython%d.%d.so.1.0" % sys.version_info[:2]).PyErr_Clear()\nexcept TypeError: pass',
        'try: ctypes.PyDLL(os.path.join(os.environ.get("NONE_SUCH", ""), L)).PyErr_Clear()\nexcept TypeError: pass',
    ],
}
KINDS = {
    "exports": EXPORTS,
    "self": SELF,
    "prototypes": PROTOTYPES,
    "embedding": EMBEDDING,
    "handlers": HANDLERS,
    "replaced": REPLACED,
    "copies": COPIES,
    "names": NAMES,
    "arguments": ARGUMENTS,
}
MODULES = ("contextlib", "functools", "os", "shutil", "sys", "tempfile", "threading")


def program(code: str) -> str:
    """Return a whole program; it imports ctypes unless it does that itself."""
    words = set(re.findall(r"\w+", code))
    modules = [one for one in MODULES if one in words]
    if "ctypes." in code.replace("import_module('ctypes').", ""):
        modules.append("ctypes")
    start = [f"import {', '.join(modules)}"] if modules else []
    start += ["from unittest import mock"] if "mock" in words else []
    return "\n".join([*start, re.sub(r"\bL\b", LIB, code), ""])


def verdict(text: str) -> str:
    found = {one.fix for one in api.check_bytes(text.encode(), "program.py")}
    assert found, text
    if None in found:
        return "none"
    if any(fix and fix.applicability.value == "unsafe" for fix in found):
        return "unsafe"
    return "view" if any(fix and "view" in fix.message for fix in found) else "safe"


ALL = [
    (kind, wanted, program(textwrap.dedent(code)))
    for kind, verdicts in KINDS.items()
    for wanted, codes in verdicts.items()
    for code in codes
]


@pytest.mark.parametrize(("kind", "wanted", "text"), ALL)
def test_each_program_has_the_verdict_of_its_kind(kind: str, wanted: str, text: str) -> None:
    assert verdict(text) == wanted
    after = safely_fixed(text)
    if wanted in ("safe", "view"):
        assert api.check_bytes(after.encode(), "program.py") == []
        assert safely_fixed(after) == after
        assert ("handle=" in after or "ctypes.pythonapi._handle" in after) == (wanted == "view")
    else:
        assert after == text


def _fixed(kind: str) -> list[tuple[str, str]]:
    texts = [text for each, wanted, text in ALL if each == kind and wanted in ("safe", "view")]
    return [(text, safely_fixed(text)) for text in texts]


@pytest.mark.parametrize("kind", KINDS)
@SHARED
def test_a_safe_fix_prints_the_same_where_libpython_is_shared(
    interpreter: Interpreter, kind: str
) -> None:
    pairs = _fixed(kind)
    before = run([text for text, _ in pairs], interpreter)
    after = run([text for _, text in pairs], interpreter)
    for (text, fixed), one, other in zip(pairs, before, after, strict=True):
        assert one.status == 0, (text, one)
        assert one == other, fixed


@pytest.mark.parametrize("kind", KINDS)
@STATIC
def test_a_safe_fix_works_on_a_static_build(interpreter: Interpreter, kind: str) -> None:
    pairs = _fixed(kind)
    before = run([text for text, _ in pairs], interpreter)
    after = run([text for _, text in pairs], interpreter)
    for (_, fixed), one, other in zip(pairs, before, after, strict=True):
        assert other.status == 0, (fixed, other)
        assert one.status or one == other, fixed
