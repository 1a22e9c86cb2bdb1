"""Which rewrites are safe, which are not, and where none is offered: the project's table.

Each program opens libpython once; beside it is how far its fix is trusted: ``view`` is a safe
fix that opens a private view of ``pythonapi``, ``safe`` one that uses ``pythonapi`` itself.
"""

from __future__ import annotations

import textwrap

import pytest

from no_libpython_dlopen.engine import api

#: Several spellings of each row of the table, by what the load is for.
PROGRAMS = {
    "a loader that a class imports": (
        """\
        class A:
            from ctypes import PyDLL
            def clear(self): self.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "calls are traced": (
        """\
        import ctypes, sys, threading
        sys.settrace(print)
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "calls are profiled": (
        """\
        import ctypes, sys, threading
        import cProfile
        cProfile.run("pass")
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "calls are monitored": (
        """\
        import ctypes, sys, threading
        sys.monitoring.use_tool_id(1, "x")
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "a hook for the exceptions of threads": (
        """\
        import ctypes, sys, threading
        threading.excepthook = print
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "a hook for finalisers": (
        """\
        import ctypes, sys, threading
        sys.unraisablehook = print
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "a handler of an event loop": (
        """\
        import ctypes, sys, threading
        import asyncio
        asyncio.new_event_loop().set_exception_handler(print)
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "its own code object": (
        """\
        import ctypes, sys, threading
        def f(): return ctypes.PyDLL("libpython3.11.so")
        print(f.__code__.co_names)
        """,
        "unsafe",
    ),
    "its own source by inspect": (
        """\
        import ctypes, sys, threading
        import inspect
        def f(): ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        print(inspect.getsource(f))
        """,
        "unsafe",
    ),
    "its own source by its path": (
        """\
        import ctypes, sys, threading
        print(len(open(__file__).read()))
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "its own source by a path object": (
        """\
        import ctypes, sys, threading
        import pathlib
        print(pathlib.Path(__file__).read_text())
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "a file beside it": (
        """\
        import ctypes, sys, threading
        import pathlib
        print(pathlib.Path(__file__).with_name("x").read_text())
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "safe",
    ),
    "a folder beside it": (
        """\
        import ctypes, sys, threading
        import os
        print(os.path.dirname(__file__))
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "safe",
    ),
    "a loader kept by a class": (
        """\
        import ctypes, types
        class A:
            _open = staticmethod(ctypes.PyDLL)
            def clear(self): self._open("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "a loader kept by a class, and set by its name": (
        """\
        import ctypes, types
        class A:
            _open = ctypes.PyDLL
            def clear(self): self._open("libpython3.11.so").PyErr_Clear()
        setattr(A, "_open", print)
        """,
        "unsafe",
    ),
    "a loader kept by an object": (
        """\
        import ctypes, types
        class A:
            def __init__(self): self._open = ctypes.PyDLL
            def clear(self): self._open("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "a loader of a base class": (
        """\
        import ctypes, types
        class Base:
            loader = ctypes.PyDLL
        class A(Base):
            def clear(self): self.loader("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "a loader kept in a namespace": (
        """\
        import ctypes, types
        space = types.SimpleNamespace(load=ctypes.PyDLL)
        space.load("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "a loader kept in a dictionary": (
        """\
        import ctypes, types
        loaders = {"py": ctypes.PyDLL}
        loaders["py"]("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "a loader by a name that is set by a text": (
        """\
        import ctypes, types
        load = ctypes.PyDLL
        globals()["load"] = print
        def clear(): load("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "a loader by a name of the file": (
        """\
        import ctypes, types
        load = ctypes.PyDLL
        def clear(): load("libpython3.11.so").PyErr_Clear()
        """,
        "safe",
    ),
    "a loader of a loader's own": (
        """\
        import ctypes, types
        ctypes.pydll.LoadLibrary("libpython3.11.so").PyErr_Clear()
        """,
        "safe",
    ),
    "copied there": (
        """\
        import ctypes, shutil
        name = "libpython3.11.so"
        shutil.copy("/opt/own.so", name)
        ctypes.PyDLL(name).PyErr_Clear()
        """,
        "unsafe",
    ),
    "copied from there": (
        """\
        import ctypes, shutil
        name = "libpython3.11.so"
        shutil.copy(name, "/opt/own.so")
        ctypes.PyDLL(name).PyErr_Clear()
        """,
        "safe",
    ),
    "another file is renamed, and a program is asked for the system": (
        """\
        import ctypes, os, platform
        ext = ".dylib" if platform.system() == "Darwin" else ".so"
        name = os.path.join("/usr/lib", "libpython3.11" + ext)
        os.rename("a", "b")
        os.system("true")
        with open(os.path.join("a", "out"), "w") as file: file.write("")
        ctypes.PyDLL(name).PyErr_Clear()
        """,
        "safe",
    ),
    "opened to be written": (
        """\
        import ctypes
        name = "libpython3.11.so"
        with open(name, "wb") as file: file.write(b"")
        ctypes.PyDLL(name).PyErr_Clear()
        """,
        "unsafe",
    ),
    "opened to be read": (
        """\
        import ctypes
        name = "libpython3.11.so"
        with open(name, "rb") as file: file.read()
        ctypes.PyDLL(name).PyErr_Clear()
        """,
        "safe",
    ),
    "made by a process": (
        """\
        import ctypes, subprocess
        name = "libpython3.11.so"
        subprocess.run(["gcc", "-o", name])
        ctypes.PyDLL(name).PyErr_Clear()
        """,
        "unsafe",
    ),
    "written by its path": (
        """\
        import ctypes, pathlib
        name = pathlib.Path("libpython3.11.so")
        name.write_bytes(b"")
        ctypes.PyDLL(str(name)).PyErr_Clear()
        """,
        "unsafe",
    ),
    "stored and compared": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.PyErr_Clear()
        same = lib is ctypes.pythonapi
        """,
        "unsafe",
    ),
    "one version or another": (
        """\
        import ctypes, sys
        if sys.version_info >= (3, 12):
            ctypes.PyDLL("libpython3.12.so").PyErr_Clear()
        else:
            ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "safe",
    ),
    "one version or another by something else": (
        """\
        import ctypes, sys
        if wanted >= (3, 12):
            ctypes.PyDLL("libpython3.12.so").PyErr_Clear()
        else:
            ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "one version and another": (
        """\
        import ctypes
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        ctypes.PyDLL("libpython3.12.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "PyDLL called": (
        """\
        import ctypes
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "safe",
    ),
    "CDLL called": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so")
        lib.PyErr_Clear()
        """,
        "safe",
    ),
    "block": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so")
        lib.PyThread_acquire_lock(1, 1)
        """,
        "view",
    ),
    "block timed": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so")
        lib.PyThread_acquire_lock_timed(1, 1, 0)
        """,
        "view",
    ),
    "block pydll": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.PyThread_acquire_lock(1, 1)
        """,
        "safe",
    ),
    "main": (
        """\
        import ctypes
        ctypes.CDLL("libpython3.11.so").Py_Main(0, None)
        """,
        None,
    ),
    "bytesmain": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so")
        lib.Py_BytesMain(0, None)
        """,
        None,
    ),
    "init": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so")
        lib.Py_InitializeEx(0)
        """,
        None,
    ),
    "isinit": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so")
        lib.Py_IsInitialized()
        """,
        "safe",
    ),
    "init fn": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so")
        init = lib.Py_Initialize
        init()
        """,
        None,
    ),
    "init getattr": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so")
        getattr(lib, "Py_Initialize")()
        """,
        None,
    ),
    "init subscript": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so")
        lib["Py_Initialize"]()
        """,
        None,
    ),
    "init method": (
        """\
        import ctypes
        class R:
            def __init__(self):
                self.lib = ctypes.PyDLL("libpython3.11.so")
            def start(self):
                self.lib.Py_Initialize()
        """,
        None,
    ),
    "init global": (
        """\
        import ctypes
        _lib = None
        def get():
            global _lib
            _lib = ctypes.PyDLL("libpython3.11.so")
            return _lib
        def start():
            _lib.Py_Initialize()
        """,
        None,
    ),
    "init returned": (
        """\
        import ctypes
        def get():
            return ctypes.PyDLL("libpython3.11.so")
        def start():
            lib = get()
            lib.Py_Initialize()
        """,
        None,
    ),
    "init returned2": (
        """\
        import ctypes
        def get():
            return ctypes.PyDLL("libpython3.11.so")
        get().Py_Initialize()
        """,
        None,
    ),
    "init argument": (
        """\
        import ctypes
        def start(lib):
            lib.Py_Initialize()
        lib = ctypes.PyDLL("libpython3.11.so")
        start(lib)
        """,
        None,
    ),
    "savethread": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        state = lib.PyEval_SaveThread()
        lib.PyEval_RestoreThread(state)
        """,
        None,
    ),
    "init class": (
        """\
        import ctypes
        class R:
            lib = ctypes.PyDLL("libpython3.11.so")
            def start(self):
                self.lib.Py_Initialize()
        """,
        None,
    ),
    "init prototype": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.Py_Initialize.restype = None
        lib.Py_Initialize()
        """,
        None,
    ),
    "init with": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        def run():
            lib.Py_Initialize()
            try:
                lib.PyRun_SimpleString(b"print(1)")
            finally:
                lib.Py_FinalizeEx()
        """,
        None,
    ),
    "restype": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.Py_GetVersion.restype = ctypes.c_char_p
        print(lib.Py_GetVersion())
        """,
        "view",
    ),
    "restype fn": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        version = lib.Py_GetVersion
        version.restype = ctypes.c_char_p
        """,
        "view",
    ),
    "restype direct": (
        """\
        import ctypes
        version = ctypes.PyDLL("libpython3.11.so").Py_GetVersion
        version.restype = ctypes.c_char_p
        """,
        "view",
    ),
    "argtypes self": (
        """\
        import ctypes
        class R:
            def __init__(self):
                self.lib = ctypes.PyDLL("libpython3.11.so")
                self.lib.Py_GetVersion.argtypes = []
        """,
        "view",
    ),
    "errcheck": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.Py_GetVersion.errcheck = print
        """,
        "view",
    ),
    "setattr": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        setattr(lib.Py_GetVersion, "restype", ctypes.c_char_p)
        """,
        "view",
    ),
    "errno": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so", use_errno=True)
        lib.PyErr_Clear()
        """,
        "view",
    ),
    "lasterror": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so", use_last_error=True)
        lib.PyErr_Clear()
        """,
        "view",
    ),
    "winmode": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so", winmode=0)
        lib.PyErr_Clear()
        """,
        "view",
    ),
    "global": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so", mode=ctypes.RTLD_GLOBAL)
        lib.PyErr_Clear()
        """,
        "unsafe",
    ),
    "global pos": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so", ctypes.RTLD_GLOBAL)
        lib.PyErr_Clear()
        """,
        "unsafe",
    ),
    "mode unknown": (
        """\
        import ctypes
        def f(mode):
            lib = ctypes.PyDLL("libpython3.11.so", mode)
            lib.PyErr_Clear()
        """,
        "unsafe",
    ),
    "mode bits": (
        """\
        import ctypes
        import os
        lib = ctypes.PyDLL("libpython3.11.so", mode=os.RTLD_NOW | os.RTLD_GLOBAL)
        lib.PyErr_Clear()
        """,
        "unsafe",
    ),
    "mode local": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so", ctypes.RTLD_LOCAL)
        lib.PyErr_Clear()
        """,
        "safe",
    ),
    "handle none": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so", handle=None)
        lib.PyErr_Clear()
        """,
        "safe",
    ),
    "name": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        print(lib._name)
        """,
        "view",
    ),
    "handle": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        print(lib._handle)
        """,
        "unsafe",
    ),
    "dlclose": (
        """\
        import ctypes
        import _ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.PyErr_Clear()
        _ctypes.dlclose(lib._handle)
        """,
        "unsafe",
    ),
    "isinstance": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        if not isinstance(lib, ctypes.PyDLL):
            raise TypeError
        """,
        "view",
    ),
    "passed": (
        """\
        import ctypes
        import other
        lib = ctypes.PyDLL("libpython3.11.so")
        other.use(lib)
        """,
        "view",
    ),
    "try": (
        """\
        import ctypes
        try:
            lib = ctypes.PyDLL("libpython3.11.so")
        except OSError:
            lib = None
        if lib: lib.PyErr_Clear()
        """,
        "unsafe",
    ),
    "try exc": (
        """\
        import ctypes
        try:
            lib = ctypes.PyDLL("libpython3.11.so")
            lib.PyErr_Clear()
        except Exception:
            pass
        """,
        "unsafe",
    ),
    "try bare": (
        """\
        import ctypes
        try:
            lib = ctypes.PyDLL("libpython3.11.so")
            lib.PyErr_Clear()
        except:
            pass
        """,
        "unsafe",
    ),
    "try other": (
        """\
        import ctypes
        try:
            lib = ctypes.PyDLL("libpython3.11.so")
            lib.PyErr_Clear()
        except ValueError:
            pass
        """,
        "safe",
    ),
    "try finally": (
        """\
        import ctypes
        try:
            lib = ctypes.PyDLL("libpython3.11.so")
            lib.PyErr_Clear()
        finally:
            print("done")
        """,
        "safe",
    ),
    "try tuple": (
        """\
        import ctypes
        try:
            lib = ctypes.PyDLL("libpython3.11.so")
            lib.PyErr_Clear()
        except (ImportError, OSError):
            pass
        """,
        "unsafe",
    ),
    "try outer func": (
        """\
        import ctypes
        def load():
            return ctypes.PyDLL("libpython3.11.so")
        try:
            api = load()
        except OSError:
            api = None
        """,
        "unsafe",
    ),
    "suppress": (
        """\
        import ctypes
        from contextlib import suppress
        with suppress(OSError):
            ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "raises": (
        """\
        import ctypes
        import pytest
        with pytest.raises(OSError):
            ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
        """,
        "unsafe",
    ),
    "find or": (
        """\
        import ctypes
        from ctypes.util import find_library
        lib = ctypes.PyDLL(find_library("python3.11") or "libpython3.11.so")
        lib.PyErr_Clear()
        """,
        "unsafe",
    ),
    "hasattr": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        if hasattr(lib, "Py_NewRef"):
            lib.Py_NewRef(1)
        """,
        None,
    ),
    "hasattr self": (
        """\
        import ctypes
        class R:
            def __init__(self):
                self.lib = ctypes.PyDLL("libpython3.11.so")
            def ok(self):
                return hasattr(self.lib, "Py_NewRef")
        """,
        None,
    ),
    "loop": (
        """\
        import ctypes
        for n in ("libpython3.12.so", "libpython3.11.so"):
            try:
                lib = ctypes.PyDLL(n)
                lib.PyErr_Clear()
                break
            except OSError: pass
        """,
        None,
    ),
    "replaces": (
        """\
        import ctypes
        ctypes.pythonapi = ctypes.PyDLL("libpython3.11.so")
        """,
        None,
    ),
    "replaces alias": (
        """\
        import ctypes as c
        c.pythonapi = c.PyDLL("libpython3.11.so")
        """,
        None,
    ),
    "replaces setattr": (
        """\
        import ctypes
        setattr(ctypes, "pythonapi", ctypes.PyDLL("libpython3.11.so"))
        """,
        None,
    ),
    "fallback": (
        """\
        import ctypes
        try:
            f = ctypes.pythonapi.PyUnstable_X
        except AttributeError:
            f = ctypes.PyDLL("libpython3.11.so").PyUnstable_X
        """,
        None,
    ),
    "fallback if": (
        """\
        import ctypes
        api = ctypes.pythonapi
        if not hasattr(api, "PyUnstable_X"):
            api = ctypes.PyDLL("libpython3.11.so")
        api.PyUnstable_X()
        """,
        None,
    ),
    "fallback getattr": (
        """\
        import ctypes
        f = getattr(ctypes.pythonapi, "Py_X", None) or ctypes.PyDLL("libpython3.11.so").Py_X
        f()
        """,
        None,
    ),
    "fallback func": (
        """\
        import ctypes
        def lookup(name):
            try:
                return getattr(ctypes.pythonapi, name)
            except AttributeError:
                return getattr(ctypes.PyDLL("libpython3.11.so"), name)
        """,
        None,
    ),
    "preload": (
        """\
        import ctypes
        ctypes.CDLL("libpython3.11.so", mode=ctypes.RTLD_GLOBAL)
        """,
        "unsafe",
    ),
    "preload loop": (
        """\
        import ctypes
        for name in ("libpython3.11.so", "libpython3.12.so"):
            ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
        """,
        None,
    ),
    "foreign": (
        """\
        import _ctypes
        handle = _ctypes.dlopen("libpython3.11.so", 0)
        print(handle)
        """,
        None,
    ),
    "gilcheck": (
        """\
        import ctypes
        lib = ctypes.CDLL("libpython3.11.so")
        lib.PyGILState_Check()
        """,
        "safe",
    ),
    "del": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.PyErr_Clear()
        del lib
        """,
        "safe",
    ),
    "deref in if": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        if lib:
            lib.PyErr_Clear()
        """,
        "safe",
    ),
    "in function": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        def clear():
            lib.PyErr_Clear()
        """,
        "safe",
    ),
    "data": (
        """\
        import ctypes
        lib = ctypes.PyDLL("libpython3.11.so")
        flag = ctypes.c_int.in_dll(lib, "Py_VerboseFlag")
        """,
        "unsafe",
    ),
}


@pytest.mark.parametrize(("code", "verdict"), PROGRAMS.values(), ids=PROGRAMS)
def test_a_fix_is_trusted_as_far_as_the_table_says(code: str, verdict: str | None) -> None:
    data = textwrap.dedent(code).encode()
    found = api.check_bytes(data, "module.py")
    assert found
    trusted = "safe" if verdict == "view" else verdict
    assert {one.fix and one.fix.applicability.value for one in found} == {trusted}
    for one in found:
        assert bool(one.no_fix_reason) == (one.fix is None)
        assert one.fix is None or bool(one.fix.caveats) or verdict == "safe"
    after = api.fix_bytes(data, "module.py", unsafe=False).data
    assert (after == data) == (trusted != "safe")
    assert (b"handle=ctypes.pythonapi._handle" in after) == (verdict == "view")
    assert not (verdict == "view" and api.check_bytes(after, "module.py"))
