"""Why a fix is unsafe, or is not offered: the sentence that the user reads, for each hazard.

``test_fix_safety`` has whole programs; here each row is the one line that makes the
difference, so that a fix which is unsafe for two reasons cannot hide that one is missed.
"""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.knowledge.runtime_functions import (
    ANSWERS_BY_ARGUMENT,
    LIFECYCLE,
    SELF_QUESTIONS,
)

START = "import _ctypes, contextlib, ctypes, functools, os, other\n"
NAME = '"libpython3.11.so"'
LOAD = f"ctypes.PyDLL({NAME})"

SAFE = ""
VIEW = "a private view: "
GIVEN = "`ctypes` is given to a function that may replace its loaders"
EXECUTES = "`exec` runs code that may replace names"
STARRED = "a star import may replace `ctypes`"
STORED = VIEW + "the library is passed on or stored"
KEPT = VIEW + "one of its functions is kept or changed"
PROBED = "the library is probed afterwards"
SEVERAL = "several candidates are probed"
OTHER = "another library may be meant"
CALLER = "the name comes from a caller, who may mean another library"
FALLBACK = "it is the fallback where `ctypes.pythonapi` is missing or lacks something"
LACKS = "it is the fallback where `ctypes.pythonapi` lacks something"
REPLACES = (
    "it replaces `ctypes.pythonapi` itself; do so on Android only, which needs it, or not at all"
)
EXCEPT = "the surrounding `except` becomes unreachable"
OR = "the alternative after `or` becomes unreachable"
MODE = "`mode` would be dropped: other code may rely on global symbols"
MORE = "further arguments would be dropped"
CALL = VIEW + "its argument calls a function of this file"
SHARED = VIEW + "`{}` is set on a function, and `pythonapi` is shared by the process"
LOOKS = VIEW + "`{}` inspects the library itself"
SECOND = "`{}` is called on it: perhaps a second interpreter is meant"
WAITS = VIEW + "`{}` may block while the GIL is held"
FOREIGN = VIEW + "`{}` is not a function of the Python API, and may block while the GIL is held"
HANDLE = "`{}` inspects the library itself"
VARIABLE = "a variable of the opened library is used"
PRELOAD = "the preload may be what lets a wrongly linked extension module be imported"
SWAPS = VIEW + "`{}` leaves `pythonapi` without a thread state"
FINALLY = "the `finally` around it discards the exception of a failed load"
WITH = "`with {}` around it may catch what a failed load raises"
SUPPRESS = "`suppress` around it has nothing left to catch"
ASKS = "`{}` asks the opened library about itself"


def reasons(program: str) -> list[str]:
    """Return why the fixes of a program's loads are not safe, without what ``CDLL`` adds.

    ``VIEW`` is before a reason for which a private view of ``pythonapi`` is the safe fix.
    """
    found = api.check_bytes((START + program + "\n").encode(), "module.py")
    assert found, program
    told: list[str] = []
    for one in found:
        if one.fix is None:
            assert one.no_fix_reason, one.message
            told.append(one.no_fix_reason)
            continue
        notes = [text for text in one.fix.caveats if "releases the GIL" not in text]
        if one.fix.applicability.value == "safe" and notes:
            assert "pythonapi._handle" in "".join(edit.new for edit in one.fix.edits)
            notes = [VIEW + text for text in notes]
        told += notes or [SAFE]
    return told


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        ("lib.PyErr_Clear()", SAFE),
        ("getattr(lib, 'PyErr_Clear')()", SAFE),
        ("lib['PyErr_Clear']()", SAFE),
        ("f = lib.f; f()", SAFE),
        ("x = y = lib", SAFE),
        ("x = lib if other else None; x.f()", SAFE),
        ("(y := lib).f()", SAFE),
        ("a = lib; b = a; b.f()", SAFE),
        ("lib", SAFE),
        ("if lib: pass", SAFE),
        ("while lib: break", SAFE),
        ("not lib", SAFE),
        ("lib is None", SAFE),
        ("lib is not None", SAFE),
        ("None is lib", SAFE),
        ("lib == None", STORED),
        ("lib is other", STORED),
        ("lib is not other", STORED),
        ("other is lib", STORED),
        ("other == lib", STORED),
        ("lib is None is other", STORED),
        ("lib is None == None", STORED),
        ("None is None is lib", SAFE),
        ("None == lib", STORED),
        ("lib in other", STORED),
        ("print(lib)", STORED),
        ("other.use(lib=lib)", STORED),
        ("x = [lib]", STORED),
        ("x, = lib", STORED),
        ("other.lib = lib", STORED),
        ("def g(): return lib", STORED),
        ("del lib; lib = 1", PRELOAD),
        ("class C: x = lib", STORED),
        ("class C(lib): pass", STORED),
        ("x = y = lib; x.f()", SAFE),
        ("x = y = lib; print(x)", STORED),
        ("a = lib; b = (d := a); c = b; c.f()", STORED),
        ("(a := (b := (c := (d := lib)))).f()", SAFE),
        ("a = lib; b = a; c = b; c.f()", STORED),
        ("a = lib; b = a; c = b; c.f()\ndef g(x): x.Py_Main()", SECOND.format("Py_Main")),
        ("a = lib if other else None; b = a; c = b; c.f()", STORED),
        ("(a := lib); b = a; c = b; c.f()", STORED),
        ("x: object = lib.f", KEPT),
        ("def g(): return lib.f", KEPT),
        ("x = y = lib.f; x.g = 1", KEPT),
        ("x = other.y = lib.f", KEPT),
        ("lib[1:2]", KEPT),
        ("lib[1:2]()", SAFE),
        ("lib[0:1, 2]()", SAFE),
        ("lib['Py_' + 'Main']()", SECOND.format("Py_Main")),
        ("other.x = lib.f", KEPT),
        ("x = [lib.f]", KEPT),
        ("print(lib.f)", KEPT),
        ("lib.f.x = 1", KEPT),
        ("f = lib.f; f.x = 1", KEPT),
        ("f = lib.f; print(f)", KEPT),
        ("f = lib.f; other.f(f)", KEPT),
        ("x, y = lib.f, 0", KEPT),
        ("lib[other]", KEPT),
        ("lib[0]", KEPT),
        ("lib[other]()", SAFE),
        ("getattr(lib, other.name)()", SAFE),
        ("hasattr(lib, 'spam')", PROBED),
        ("getattr(lib, 'spam', None)", PROBED),
        *((f"lib.f.{name} = x", SHARED.format(name)) for name in ("restype", "argtypes", "errcheck")),
        ("f = lib.f; f.restype = None", SHARED.format("restype")),
        *(
            (f"lib.{name}", LOOKS.format(name))
            for name in ("_name", "_FuncPtr", "_func_flags_")
        ),
        ("isinstance(lib, ctypes.PyDLL)", LOOKS.format("isinstance")),
        ("type(lib)", LOOKS.format("type")),
        ("id(lib)", LOOKS.format("id")),
        ("_ctypes.dlclose(lib)", HANDLE.format("_ctypes.dlclose")),
        ("lib._handle", HANDLE.format("_handle")),
        ("_ctypes.dlclose(lib._handle)", HANDLE.format("_handle")),
        ("ctypes.c_int.in_dll(lib, 'Py_OptimizeFlag')", VARIABLE),
        ("ctypes.pythonapi._handle = lib._handle", REPLACES),
        ("other.lib._handle = lib._handle", HANDLE.format("_handle")),
        ("lib.Py_Main.restype = None", SECOND.format("Py_Main")),
        ("main = lib.Py_Main", SECOND.format("Py_Main")),
        ("print(lib.Py_Main)", SECOND.format("Py_Main")),
        ("x = [lib.Py_Main]", SECOND.format("Py_Main")),
        ("getattr(lib, 'Py_Main')", SECOND.format("Py_Main")),
        *((f"lib.{name}()", SECOND.format(name)) for name in LIFECYCLE),
    ],
)  # fmt: skip
def test_what_is_done_with_the_library(use: str, reason: str) -> None:
    assert reasons(f"lib = {LOAD}\n{use}") == [reason]


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        ("def g(x): x.Py_Main()", SECOND.format("Py_Main")),
        ("def g(x): print(x.Py_Main)", SECOND.format("Py_Main")),
        ("def g(x): x[1:2].Py_Main()", SECOND.format("Py_Main")),
        ("def g(x): getattr(x, 'Py_Main')", SECOND.format("Py_Main")),
        ("ctypes.CDLL(None).Py_Main()", SECOND.format("Py_Main")),
        ("ctypes.pydll[other.name].Py_Main()", SECOND.format("Py_Main")),
        ("a = lib; b = a; c = b; c.f()\nctypes.CDLL(None).Py_Main()", SECOND.format("Py_Main")),
        ("def g(x): getattr(x, 'Py_Main', None)", PROBED),
        ("def g(x): hasattr(x, 'Py_Main')", PROBED),
        ("def g(x): x.anything()", STORED),
        ("def g(x): x.PyErr_Clear()", STORED),
        ("def g(x): hasattr(x, 'spam')", STORED),
        ("def g(x): other.call(x, 'Py_Main')", STORED),
        ("def g(x, y): getattr(x, y)", STORED),
        ("def g(x): getattr(x)", STORED),
        ("other.Py_Main()", STORED),
        ("getattr(other, 'Py_Main')", STORED),
        ("getattr(1, 'Py_Main')", STORED),
    ],
)
def test_what_is_done_with_what_may_be_the_library_that_went_away(use: str, reason: str) -> None:
    assert reasons(f"lib = {LOAD}\nother.keep(lib)\n{use}") == [reason]


#: ``P`` loads the library. What nothing reads is there for what loading it does.
PRELOADS = (
    *("P", "other or P", "other and P", "P if other else None", "None if other else P"),
    *("(_x := P)", "(P, other)", "(other or P, 1)", "other and (_x := P)", "_x = P", "_x = _y = P"),
    *("_x: object = P", "def f(): x = P", "def f():\n    global _x\n    _x = P"),
    *("class A:\n    def f(self): x = P", "__all__ = ['y']\n_x = P", "x = P\ndel x"),
    "def f(): x = P\ndef g(): return locals()",
)
READ = (
    *("(x := P); x.f()", "x = y = P\nx.f()", "x = y = P\ny.f()", "x = (y := P)\ny.f()"),
    *("x = (y := P)\nx.f()", "other and (x := P)\nx.f()", "x = P if other else None\nx.f()"),
    *("P or other", "P and other", "other if P else None", "(x := P) or other", "[P]", "{1: P}"),
    *("-P", "not P", "P == 1", "print(P)", "print(other or P)", "lambda: P", "assert P"),
    *("x = other or P", "x = (other, P)", "class A: x = P", "__all__ = ['x']\nx = P"),
    *("x = P", "x = y = P", "_x = y = P", "x: object = P", "(x := P)", "other and (x := P)"),
    *("def f():\n    global x\n    x = P", "__all__ = ['y']\nx = P", "if other: x = P"),
    *("try: x = P\nexcept OSError: x = ctypes.pythonapi", "_x = P\nglobals()['_x'].f()"),
    *("_x = P\neval('_x.f()')", "def f():\n    x = P\n    return locals()", "_x = P\nvars()"),
    *("def f():\n    x = P\n    exec('x.f()')", "_x = P\nprint(other.__dict__)"),
    *("x[0] = P", "x.y = P", "x, y = P", "if (x := P): pass", "for x in P: pass", "f'{P}'"),
)


@pytest.mark.parametrize(
    ("program", "code"),
    [*((one, "NLP102") for one in PRELOADS), *((one, "NLP101") for one in READ)],
)
def test_what_nothing_reads_is_a_preload(program: str, code: str) -> None:
    text = START + program.replace("P", LOAD) + "\n"
    assert [one.code for one in api.check_bytes(text.encode(), "module.py")] == [code]


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        ("lib.PyThread_acquire_lock(x, 1)", WAITS.format("PyThread_acquire_lock")),
        ("lib.PyThread_acquire_lock_timed(x)", WAITS.format("PyThread_acquire_lock_timed")),
        ("lib.PyThread_start_new_thread(x)", WAITS.format("PyThread_start_new_thread")),
        *(
            (f"lib.{name}()", FOREIGN.format(name))
            for name in ("sleep", "nanosleep", "system", "read")
        ),
        ("lib[other]()", VIEW + "an unknown function may block while the GIL is held"),
        ("lib.PyRun_InteractiveLoopFlags()", WAITS.format("PyRun_InteractiveLoopFlags")),
        ("lib.PyThreadState_Swap(None)", SWAPS.format("PyThreadState_Swap")),
        ("lib.PyThreadState_DeleteCurrent()", SWAPS.format("PyThreadState_DeleteCurrent")),
        ("lib.PyGILState_Check()", SAFE),
        ("x = lib.PyGILState_Ensure()", SAFE),
    ],
)
def test_what_the_gil_matters_to(use: str, reason: str) -> None:
    assert reasons(f"lib = ctypes.CDLL({NAME})\n{use}") == [reason]
    assert reasons(f"lib = ctypes.PyDLL({NAME})\n{use}") == [SAFE]


@pytest.mark.parametrize("loader", ["CDLL", "PyDLL"])
@pytest.mark.parametrize("name", SELF_QUESTIONS)
def test_what_asks_the_opened_library_about_itself(name: str, loader: str) -> None:
    lib = f"lib = ctypes.{loader}({NAME})\n"
    assert reasons(f"{lib}x = lib.{name}()") == [ASKS.format(name)]
    assert reasons(f"{lib}if lib.{name}(): pass") == [ASKS.format(name)]
    told = ASKS.format(name) if name in ANSWERS_BY_ARGUMENT else SAFE
    assert reasons(f"{lib}lib.{name}()") == [told]


@pytest.mark.parametrize(
    ("load", "reason"),
    [
        (LOAD, SAFE),
        (f"ctypes.PyDLL(name={NAME})", SAFE),
        (f"ctypes.PyDLL({NAME}, handle=None)", SAFE),
        (f"getattr(ctypes.pydll, {NAME})", SAFE),
        (f"ctypes.pydll[{NAME}]", SAFE),
        (f"ctypes.pydll.LoadLibrary({NAME})", SAFE),
        *(
            (f"ctypes.PyDLL({NAME}, {mode})", SAFE)
            for mode in ("ctypes.DEFAULT_MODE", "ctypes.RTLD_LOCAL", "os.RTLD_NOW", "os.RTLD_LAZY")
        ),
        (f"ctypes.PyDLL({NAME}, mode=os.RTLD_LOCAL)", SAFE),
        (f"ctypes.PyDLL({NAME}, ctypes.DEFAULT_MODE, None)", SAFE),
        (f"ctypes.PyDLL({NAME}, ctypes.DEFAULT_MODE, None, True)", VIEW + "`pythonapi` has no options"),
        (f"ctypes.PyDLL({NAME}, ctypes.RTLD_GLOBAL)", MODE),
        (f"ctypes.PyDLL({NAME}, mode=ctypes.RTLD_GLOBAL)", MODE),
        (f"ctypes.PyDLL(mode=ctypes.RTLD_GLOBAL, name={NAME})", MODE),
        (f"ctypes.PyDLL({NAME}, mode=other.mode)", MODE),
        (f"ctypes.PyDLL({NAME}, 0)", MODE),
        (f"ctypes.PyDLL({NAME}, use_errno=True)", VIEW + "`pythonapi` has no `use_errno`"),
        (f"ctypes.PyDLL({NAME}, use_last_error=True)", VIEW + "`pythonapi` has no `use_last_error`"),
        (f"ctypes.PyDLL({NAME}, winmode=0)", VIEW + "`pythonapi` has no `winmode`"),
        (f"ctypes.PyDLL({NAME}, *other.more)", MORE),
        (f"ctypes.PyDLL({NAME}, **other.more)", MORE),
        (f"ctypes.PyDLL({NAME}  # why\n)", "a comment inside the call is lost"),
        (f"ctypes.PyDLL(None or {NAME})", OR),
        (f"ctypes.PyDLL((n := {NAME}))", VIEW + "its argument does more than name a library"),
        (f"ctypes.PyDLL(other.name or {NAME})", OTHER),
    ],
)  # fmt: skip
def test_how_it_is_loaded(load: str, reason: str) -> None:
    assert reasons(f"lib = {load}\nlib.PyErr_Clear()") == [reason]


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (f"def load(name): return ctypes.PyDLL(name).f()\nload({NAME})", CALLER),
        (f"def load(name={NAME}): return ctypes.PyDLL(name).f()", CALLER),
        *(
            (f"def load(name): return ctypes.PyDLL(name).f()\n{call}", CALLER)
            for call in (
                f"list(map(load, [{NAME}]))",
                f"functools.partial(load, {NAME})",
                f"other.Pool().submit(load, {NAME})",
            )
        ),
        (f"n = max(*other.names, {NAME}, {NAME})\nctypes.PyDLL(n).f()", OTHER),
        (f"def load(name={NAME}): ctypes.PyDLL(name).f()\nload('libc.so.6')", CALLER),
        (f"def load(x): return ctypes.PyDLL({NAME} if x else {NAME}).f()\nload(1)", CALLER),
        (f"class C:\n    def __init__(self, name): ctypes.PyDLL(name).f()\nC({NAME})", CALLER),
        *(
            (f"class C:\n    n = {NAME}\n    {method}: ctypes.PyDLL({owner}.n).f()", SAFE)
            for method, owner in (
                ("def load(self)", "self"),
                ("def __new__(cls)", "cls"),
                ("@classmethod\n    def load(cls)", "cls"),
            )
        ),
        *(
            (f"class C:\n    {method}: ctypes.PyDLL({owner}.n).f()\nclass D(C): n = {NAME}", OTHER)
            for method, owner in (
                ("def load(self)", "self"),
                ("@classmethod\n    def load(cls)", "cls"),
            )
        ),
        (
            f"def load(name): return ctypes.PyDLL(name).f()\nload({NAME})\nload('libpython3.12.so')",
            SEVERAL,
        ),
        (f"for n in ({NAME}, 'libpython3.12.so'): ctypes.PyDLL(n).f()", SEVERAL),
        (f"for n in (*other.names, {NAME}): ctypes.PyDLL(n).f()", SEVERAL),
        (f"n = {NAME} if other else 'libc.so.6'\nctypes.PyDLL(n).f()", OTHER),
        (f"n = None or {NAME}\nm = n\nctypes.PyDLL(m).f()", OR),
        (f"a = None or {NAME}\nb = a; c = b; d = c; e = d; f = e; g = f\nctypes.PyDLL(g).f()", OR),
        (f"n = {NAME}\nwhile other: n = n\nctypes.PyDLL(n).f()", OTHER),
        (f"ctypes.PyDLL({NAME}.strip('#')).f()", SAFE),
        (f"class D(ctypes.PyDLL): pass\nD({NAME}).f()", SAFE),
        (
            f"class D(ctypes.PyDLL):\n    def g(self): pass\nD({NAME}).f()",
            "the loader is a subclass that does more",
        ),
        (
            f"f = ctypes.PyDLL if other else other.x\nf({NAME}).f()",
            "it is not certain what is called here",
        ),
        (f"def name(): return {NAME}\nctypes.PyDLL(name()).f()", CALL),
        (f"ctypes.PyDLL((lambda: {NAME})()).f()", CALL),
        (f"class N:\n    def n(self): return {NAME}\nctypes.PyDLL(N().n()).f()", CALL),
        (f"ctypes.PyDLL(str({NAME})).f()", SAFE),
        (f"ctypes.PyDLL({NAME}.lower()).f()", SAFE),
        (f"load = functools.partial(ctypes.PyDLL, {NAME})\nload().f()", SAFE),
        (
            f"load = functools.partial(ctypes.PyDLL, mode=ctypes.RTLD_GLOBAL)\nload({NAME}).f()",
            "the arguments that `partial` adds would be dropped",
        ),
        (
            f"lib = {LOAD}\n__all__ = ['lib']\nlib.f()",
            VIEW + "the library is exported in `__all__`",
        ),
        (f"lib = {LOAD}\n__all__ = ['library']\nlib.f()", SAFE),
        (f"lib = {LOAD}\n__all__: list[str]\nlib.f()", SAFE),
        (f"lib = {LOAD}\nfor __all__ in ['lib']: pass\nlib.f()", SAFE),
    ],
)
def test_what_its_name_may_be(program: str, reason: str) -> None:
    assert reasons(program) == [reason]


CAUGHT = "try:\n    {0}.f()\nexcept {1}:\n    pass"


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        *(
            (CAUGHT.format(LOAD, name), EXCEPT)
            for name in ("OSError", "IOError", "FileNotFoundError", "Exception", "BaseException")
        ),
        (CAUGHT.format(LOAD, "(ValueError, OSError)"), EXCEPT),
        (CAUGHT.format(LOAD, "other.Failed"), EXCEPT),
        (CAUGHT.format(LOAD, "ValueError"), SAFE),
        (CAUGHT.format(LOAD, "(ValueError, TypeError)"), SAFE),
        (CAUGHT.format(LOAD, "NotImplementedError"), SAFE),
        (CAUGHT.format(LOAD, "ValueError") + "\nexcept OSError: pass", EXCEPT),
        (f"try: {LOAD}.f()\nexcept: pass", EXCEPT),
        (f"try: {LOAD}.Py_f()\nexcept OSError:\n    print(1)\n    raise", SAFE),
        (f"try: {LOAD}.Py_f()\nexcept OSError as e: print(e); raise", SAFE),
        (f"def f(): {LOAD}.Py_f()\ntry: f()\nexcept: raise", SAFE),
        (f"try: {LOAD}.Py_f()\nexcept OSError as e: raise ImportError from e", EXCEPT),
        (f"try: {LOAD}.Py_f()\nexcept OSError:\n    if other: raise", EXCEPT),
        (f"try:\n    try: {LOAD}.Py_f()\n    except OSError: raise\nexcept OSError: pass", EXCEPT),
        (
            f"for _ in [1]:\n    try: {LOAD}.f()\n    except OSError:\n        if _: continue\n        raise",
            EXCEPT,
        ),
        (
            f"def f():\n    try: {LOAD}.f()\n    except OSError:\n        if other: return\n        raise\nf()",
            EXCEPT,
        ),
        (f"def f():\n    try: {LOAD}.f()\n    finally: return 1\nf()", FINALLY),
        (f"for _ in [1]:\n    try: {LOAD}.f()\n    finally: break", FINALLY),
        (f"for _ in [1]:\n    try: {LOAD}.f()\n    finally:\n        if _: continue", FINALLY),
        (f"def g(): {LOAD}.f()\ndef f():\n    try: g()\n    finally: return 1\nf()", FINALLY),
        (f"def f():\n    try: int(1)\n    finally: return {LOAD}.Py_f()\nf()", SAFE),
        (f"try: {LOAD}.Py_f()\nfinally: print(1)", SAFE),
        (f"try: {LOAD}.f()\nexcept* OSError: pass", EXCEPT),
        (f"try: {LOAD}.f()\nfinally: pass", SAFE),
        (f"try: other.x()\nexcept OSError: pass\nelse: {LOAD}.f()", SAFE),
        (f"try: other.x()\nfinally: {LOAD}.f()", SAFE),
        (f"try: other.x()\nexcept OSError: {LOAD}.f()", SAFE),
        (f"try: other.x()\nexcept AttributeError: {LOAD}.f()", LACKS),
        (f"try: ctypes.pythonapi.f()\nexcept Exception: {LOAD}.f()", LACKS),
        (f"try: ctypes.pythonapi.f()\nexcept* Exception: {LOAD}.f()", LACKS),
        (f"try: other.x()\nexcept* AttributeError: {LOAD}.f()", LACKS),
        (f"try: ctypes.pythonapi.f()\nfinally: {LOAD}.f()", SAFE),
        (f"try: pass\nexcept OSError:\n    def f(): {LOAD}.f()", SAFE),
        (
            f"with contextlib.suppress(OSError): {LOAD}.f()",
            "`suppress` around it has nothing left to catch",
        ),
        (
            f"with open('x'), contextlib.suppress(OSError): {LOAD}.f()",
            "`suppress` around it has nothing left to catch",
        ),
        (
            f"import pytest\nwith pytest.raises(OSError): {LOAD}.f()",
            "`raises` around it has nothing left to catch",
        ),
        (f"with other.x(): {LOAD}.f()", WITH.format("other.x")),
        (f"with other.x: {LOAD}.f()", WITH.format("other.x")),
        (f"with contextlib.suppress(KeyError): {LOAD}.f()", SAFE),
        (f"with contextlib.suppress(KeyError, Exception): {LOAD}.f()", SUPPRESS),
        (f"with open('x') as x: {LOAD}.f()", SAFE),
        (f"with contextlib.suppress(OSError):\n    def f(): {LOAD}.f()", SAFE),
        (f"(other or {LOAD}).f()", OR),
        (f"lib = ctypes.pythonapi or {LOAD}\nlib.f()", FALLBACK),
        (f"lib = {LOAD} if other else ctypes.pythonapi\nlib.f()", SAFE),
        (f"lib = 0 if other.x(ctypes.pythonapi) else {LOAD}\nlib.f()", FALLBACK),
        (f"if other.x(ctypes.pythonapi): {LOAD}.f()", FALLBACK),
        (f"if hasattr(ctypes, 'pythonapi'): pass\nelse: {LOAD}.f()", FALLBACK),
        (f"api = ctypes.pythonapi\nif other.x(api): {LOAD}.f()", FALLBACK),
        (f"if other.x(): {LOAD}.f()", SAFE),
        (
            f"if {LOAD}.f(): ctypes.pythonapi.f()",
            "`f` is called on `ctypes.pythonapi` too, to compare",
        ),
        (f"if {LOAD}.f(): ctypes.pythonapi.g()", SAFE),
        (f"ctypes.pythonapi = {LOAD}", REPLACES),
        (f"ctypes.pythonapi = other.pythonapi = {LOAD}", REPLACES),
        (f"ctypes.other = {LOAD}", STORED),
        (f"setattr(ctypes, 'pythonapi', {LOAD})", REPLACES),
        (f"setattr(ctypes, 'other', {LOAD})", STORED),
        (f"other.set(ctypes, 'pythonapi', {LOAD})", GIVEN),
        (f"other.set([ctypes])\n{LOAD}.f()", GIVEN),
        (f"other.set({{'c': (ctypes, 1)}})\n{LOAD}.f()", GIVEN),
        (f"print([ctypes])\n{LOAD}.f()", SAFE),
        (f"def show(x): print(x)\nshow([ctypes])\n{LOAD}.f()", SAFE),
        (f"exec(open(other).read())\n{LOAD}.f()", EXECUTES),
        (f"exec(compile(open(other).read(), '', 'exec'), globals())\n{LOAD}.f()", EXECUTES),
        (f"exec(open(other).read(), {{}})\n{LOAD}.f()", SAFE),
        (f"exec('x = 1')\n{LOAD}.f()", SAFE),
        (f"from elsewhere import *\n{LOAD}.f()", STARRED),
        (f"from elsewhere import *\nimport ctypes\n{LOAD}.f()", SAFE),
        (f"from elsewhere import *\ndef f(): import ctypes\n{LOAD}.f()", STARRED),
        (f"from os.path import *\n{LOAD}.f()", SAFE),
    ],
)
def test_what_stands_around_it(program: str, reason: str) -> None:
    told = reasons(program)
    assert told[0] == reason
    assert set(told[1:]) <= {STORED.removeprefix(VIEW)}


@pytest.mark.parametrize("caught", ["OSError", "Exception"])
def test_each_load_of_a_chain_of_attempts_is_left_alone(caught: str) -> None:
    program = f"try: {LOAD}.f()\nexcept {caught}: ctypes.PyDLL('libpython3.12.so').f()"
    assert reasons(program) == [SEVERAL, SEVERAL]


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (f"lib = {LOAD} or other\nlib.f()", [OR, STORED.removeprefix(VIEW)]),
        (
            f"lib = {LOAD}\nlib.f.restype = 0; print(lib); lib.g.restype = 0; lib._name",
            [SHARED.format("restype"), STORED, LOOKS.format("_name")],
        ),
        (f"try: ctypes.PyDLL({NAME}, 0).f()\nexcept OSError: pass", [EXCEPT, MODE]),
        *(
            (
                f"lib = ctypes.CDLL({NAME})\n{use}",
                [ASKS.format("PyGILState_Check"), reason.removeprefix(VIEW)],
            )
            for use, reason in (
                ("print(lib.PyGILState_Check)", KEPT),
                ("print(lib)\ndef g(x): return x.PyGILState_Check()", STORED),
                ("print(lib)\ndef g(x): return getattr(x, 'PyGILState_Check')", STORED),
            )
        ),
        (
            f"lib = ctypes.CDLL({NAME})\nlib.PyGILState_Check.restype = None",
            [SHARED.format("restype")],
        ),
    ],
)
def test_each_reason_is_told_once(program: str, told: list[str]) -> None:
    assert reasons(program) == told
