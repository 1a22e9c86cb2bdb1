"""Which rewrites are safe, which are not, and where none is offered: the project's table.

Each program opens libpython once; the programs are grouped by how far their fix is trusted.
"""

from __future__ import annotations

import textwrap

import pytest

from no_libpython_dlopen.engine import api

#: Fixes that use ``pythonapi`` itself and are safe.
SAFE = {
    "handed on in a file that handles other exceptions": """\
    import ctypes, other
    def clear(): ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    other.register(clear)
    def count(text):
        try: return int(text)
        except ValueError: return 0
    """,
    "handed on in a file that raises its exceptions again": """\
    import ctypes, other
    def clear(): ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    other.register(clear)
    def size(path):
        try: return other.size(path)
        except OSError:
            print(path)
            raise
    """,
    "code for the interpreter that only prints": """\
    import ctypes
    class Plug:
        lib = "libpython3.11.so"
        def clear(self): ctypes.PyDLL(self.lib).PyRun_SimpleString(b"print(1)")
    """,
    "another key of a dictionary that is asked by `get`": """\
    import ctypes, types
    settings = {"lib": "libpython3.11.so"}
    def clear(): ctypes.PyDLL(settings.get("lib")).PyErr_Clear()
    def configure(value): settings["value"] = value
    """,
    "another key that a mock changes": """\
    import ctypes, types
    settings = {"lib": "libpython3.11.so"}
    def clear(): ctypes.PyDLL(settings["lib"]).PyErr_Clear()
    from unittest import mock
    with mock.patch.dict(settings, value="other"): clear()
    def test(monkeypatch): monkeypatch.setitem(settings, "other", 1)
    """,
    "a dictionary that is another attribute": """\
    import ctypes, types
    class Plug:
        def __init__(self): self.settings, self.others = {"lib": "libpython3.11.so"}, {}
        def clear(self): ctypes.PyDLL(self.settings["lib"]).PyErr_Clear()
        def configure(self, **given): self.others.update(given)
    """,
    "another field that `replace` gives, and a class that a row makes without fields": """\
    import ctypes, dataclasses
    class Plug:
        lib = "libpython3.11.so"
        def __init__(self, row): self.row = row
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    for row in rows: Plug(*row).clear()
    dataclasses.replace(Plug(1), row="other").clear()
    """,
    "another attribute by its name": """\
    import ctypes, types
    class Plug:
        def __init__(self, value):
            self.lib = "libpython3.11.so"
            setattr(self, "value", value)
            self.__dict__["other"] = value
            vars(self).update(third=value)
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    Other = type("Other", (Plug,), {"value": "other"})
    """,
    "an attribute of another class by a computed name": """\
    import ctypes, types
    class Options:
        def __init__(self, **given):
            for name, value in given.items(): setattr(self, name, value)
    class Plug:
        lib = "libpython3.11.so"
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    """,
    "another key of a dictionary": """\
    import ctypes, types
    settings = {"lib": "libpython3.11.so"}
    other = settings
    other["value"] = 1
    def clear(): ctypes.PyDLL(settings["lib"]).PyErr_Clear()
    def configure(value):
        settings["value"] = value
        settings.update(third=value)
    """,
    "another dictionary by a computed key": """\
    import ctypes, types
    settings, others = {"lib": "libpython3.11.so"}, {}
    def clear(): ctypes.PyDLL(settings["lib"]).PyErr_Clear()
    def configure(key): others[key] = key
    """,
    "another name that a mock replaces": """\
    import ctypes
    from unittest import mock
    LIB = "libpython3.11.so"
    class Plug:
        lib = LIB
        value = 1
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    def clear(): ctypes.PyDLL(LIB).PyErr_Clear()
    with mock.patch.object(Plug, "value", 2), mock.patch(__name__ + ".OTHER", 1): clear()
    for number in range(3): globals()[f"T{number}"] = number
    """,
    "a file beside it": """\
    import ctypes, sys, threading
    import pathlib
    print(pathlib.Path(__file__).with_name("x").read_text())
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "a folder beside it": """\
    import ctypes, sys, threading
    import os
    print(os.path.dirname(__file__))
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "a loader by a name of the file": """\
    import ctypes, types
    load = ctypes.PyDLL
    def clear(): load("libpython3.11.so").PyErr_Clear()
    """,
    "a loader of a loader's own": """\
    import ctypes, types
    ctypes.pydll.LoadLibrary("libpython3.11.so").PyErr_Clear()
    """,
    "copied from there": """\
    import ctypes, shutil
    name = "libpython3.11.so"
    shutil.copy(name, "/opt/own.so")
    ctypes.PyDLL(name).PyErr_Clear()
    """,
    "another file is renamed, and a program is asked for the system": """\
    import ctypes, os, platform
    ext = ".dylib" if platform.system() == "Darwin" else ".so"
    name = os.path.join("/usr/lib", "libpython3.11" + ext)
    os.rename("a", "b")
    os.system("true")
    with open(os.path.join("a", "out"), "w") as file: file.write("")
    ctypes.PyDLL(name).PyErr_Clear()
    """,
    "opened to be read": """\
    import ctypes
    name = "libpython3.11.so"
    with open(name, "rb") as file: file.read()
    ctypes.PyDLL(name).PyErr_Clear()
    """,
    "one version or another": """\
    import ctypes, sys
    if sys.version_info >= (3, 12):
        ctypes.PyDLL("libpython3.12.so").PyErr_Clear()
    else:
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "PyDLL called": """\
    import ctypes
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "CDLL called": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so")
    lib.PyErr_Clear()
    """,
    "block pydll": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.PyThread_acquire_lock(1, 1)
    """,
    "isinit": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so")
    lib.Py_IsInitialized()
    """,
    "mode local": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so", ctypes.RTLD_LOCAL)
    lib.PyErr_Clear()
    """,
    "handle none": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so", handle=None)
    lib.PyErr_Clear()
    """,
    "try other": """\
    import ctypes
    try:
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.PyErr_Clear()
    except ValueError:
        pass
    """,
    "try finally": """\
    import ctypes
    try:
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.PyErr_Clear()
    finally:
        print("done")
    """,
    "gilcheck": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so")
    lib.PyGILState_Check()
    """,
    "del": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.PyErr_Clear()
    del lib
    """,
    "deref in if": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    if lib:
        lib.PyErr_Clear()
    """,
    "in function": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    def clear():
        lib.PyErr_Clear()
    """,
}
#: Fixes that open a private view of it, which is safe.
VIEW = {
    "an attribute by a name that is written": """\
    import ctypes, types
    class Plug:
        lib = "libpython3.11.so"
        def clear(self): ctypes.PyDLL(getattr(self, "lib")).PyErr_Clear()
    """,
    "an argument that one of two functions shows": """\
    import ctypes, os, other
    shown = os.path.basename if other.x else print
    ctypes.PyDLL("libpython3.11.so".format(shown("a"))).PyErr_Clear()
    """,
    "block": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so")
    lib.PyThread_acquire_lock(1, 1)
    """,
    "block timed": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so")
    lib.PyThread_acquire_lock_timed(1, 1, 0)
    """,
    "a version that is shown, of a library that is named by the version": """\
    import ctypes, sys
    name = "libpython%d.%d.so" % sys.version_info[:2]
    if sys.version_info >= (3, 8):
        lib = ctypes.PyDLL(name)
        lib.Py_GetVersion.restype = ctypes.c_char_p
        print(lib.Py_GetVersion())
    """,
    "restype": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_GetVersion.restype = ctypes.c_char_p
    print(lib.Py_GetVersion())
    """,
    "restype, a name that is found": """\
    import ctypes
    import ctypes.util
    lib = ctypes.CDLL(ctypes.util.find_library("python3.11"))
    lib.Py_GetVersion.restype = ctypes.c_char_p
    print(lib.Py_GetVersion())
    """,
    "restype fn": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    version = lib.Py_GetVersion
    version.restype = ctypes.c_char_p
    """,
    "restype direct": """\
    import ctypes
    version = ctypes.PyDLL("libpython3.11.so").Py_GetVersion
    version.restype = ctypes.c_char_p
    """,
    "argtypes self": """\
    import ctypes
    class R:
        def __init__(self):
            self.lib = ctypes.PyDLL("libpython3.11.so")
            self.lib.Py_GetVersion.argtypes = []
    """,
    "errcheck": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_GetVersion.errcheck = print
    """,
    "setattr": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    setattr(lib.Py_GetVersion, "restype", ctypes.c_char_p)
    """,
    "errno": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so", use_errno=True)
    lib.PyErr_Clear()
    """,
    "lasterror": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so", use_last_error=True)
    lib.PyErr_Clear()
    """,
    "winmode": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so", winmode=0)
    lib.PyErr_Clear()
    """,
    "name": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    print(lib._name)
    """,
    "isinstance": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    if not isinstance(lib, ctypes.PyDLL):
        raise TypeError
    """,
    "passed": """\
    import ctypes
    import other
    lib = ctypes.PyDLL("libpython3.11.so")
    other.use(lib)
    """,
}
#: Fixes that have to be asked for.
UNSAFE = {
    "found in the namespace of the module, and handled": """\
    import ctypes, other
    def clear(): ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    try: globals()[other.name]()
    except OSError: pass
    """,
    "a decorator that may come from elsewhere": """\
    import ctypes, other
    if other.x:
        def changed(function): return function
    else:
        changed = other.catching
    @changed
    def clear(): ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "a function of `pythonapi` by a name that is shown and called": """\
    import ctypes
    call = ctypes.pythonapi.PyLong_AsLong
    print(call, call(1) == ctypes.PyDLL("libpython3.11.so").PyLong_AsLong(1))
    """,
    "a version, compared with the own one": """\
    import ctypes, platform, sys
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_GetVersion.restype = ctypes.c_char_p
    same = lib.Py_GetVersion().decode() == sys.version
    """,
    "a version, compared with its beginning": """\
    import ctypes, platform, sys
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_GetVersion.restype = ctypes.c_char_p
    assert lib.Py_GetVersion().decode().startswith(platform.python_version())
    """,
    "a version, compared with its numbers": """\
    import ctypes, platform, sys
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_GetVersion.restype = ctypes.c_char_p
    assert lib.Py_GetVersion().startswith(b"%d.%d" % sys.version_info[:2])
    """,
    "a version, shown beside the own one": """\
    import ctypes, platform, sys
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_GetVersion.restype = ctypes.c_char_p
    print(lib.Py_GetVersion(), sys.version)
    """,
    "a dictionary that a mock changes": """\
    import ctypes, types
    settings = {"lib": "libpython3.11.so"}
    def clear(): ctypes.PyDLL(settings["lib"]).PyErr_Clear()
    from unittest import mock
    with mock.patch.dict(settings, lib="other"): clear()
    """,
    "a dictionary by a fixture": """\
    import ctypes, types
    settings = {"lib": "libpython3.11.so"}
    def clear(): ctypes.PyDLL(settings["lib"]).PyErr_Clear()
    def test(monkeypatch): monkeypatch.setitem(settings, "lib", "other")
    """,
    "a dictionary by its bound method": """\
    import ctypes, types
    settings = {"lib": "libpython3.11.so"}
    def clear(): ctypes.PyDLL(settings["lib"]).PyErr_Clear()
    change = settings.update
    change(lib="other")
    """,
    "a dictionary by another name and `|=`": """\
    import ctypes, types
    settings = {"lib": "libpython3.11.so"}
    def clear(): ctypes.PyDLL(settings["lib"]).PyErr_Clear()
    def configure(given):
        other = settings
        other |= given
    """,
    "a dictionary that is an attribute": """\
    import ctypes, types
    class Plug:
        def __init__(self): self.settings = {"lib": "libpython3.11.so"}
        def clear(self): ctypes.PyDLL(self.settings["lib"]).PyErr_Clear()
        def configure(self, **given): self.settings.update(given)
    """,
    "an attribute that a method returns": """\
    import ctypes, types
    class Plug:
        lib = "libpython3.11.so"
        def name(self): return self.lib
        def clear(self): ctypes.PyDLL(self.name()).PyErr_Clear()
        def change(self, name): super().__setattr__(name, "other")
    """,
    "a field of a named tuple": """\
    import ctypes, typing
    class Plug(typing.NamedTuple):
        lib: str = "libpython3.11.so"
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    Plug()._replace(lib="other").clear()
    """,
    "a name of the module by another name of it": """\
    import ctypes, sys
    LIB = "libpython3.11.so"
    def clear(): ctypes.PyDLL(LIB).PyErr_Clear()
    here = sys.modules[__name__]
    here.LIB = "other"
    """,
    "a field that a row gives": """\
    import ctypes, dataclasses
    @dataclasses.dataclass
    class Plug:
        lib: str = "libpython3.11.so"
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    for row in rows: Plug(*row).clear()
    """,
    "a field that `replace` gives": """\
    import ctypes, dataclasses
    @dataclasses.dataclass
    class Plug:
        lib: str = "libpython3.11.so"
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    dataclasses.replace(Plug(), lib="other").clear()
    """,
    "an attribute by a computed name": """\
    import ctypes, types
    class Plug:
        def __init__(self, **given):
            self.lib = "libpython3.11.so"
            for name, value in given.items(): setattr(self, name, value)
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    """,
    "an attribute of a parameter by a computed name": """\
    import ctypes, types
    class Plug:
        lib = "libpython3.11.so"
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    def apply(target, name): setattr(target, name, "other")
    """,
    "an attribute by `__dict__`": """\
    import ctypes, types
    class Plug:
        lib = "libpython3.11.so"
        def __init__(self, **given): self.__dict__.update(given)
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    """,
    "an attribute by another `__dict__`": """\
    import ctypes, types
    class Plug:
        lib = "libpython3.11.so"
        def __setstate__(self, state): self.__dict__ = state
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    """,
    "an attribute that a dictionary gives, which is changed": """\
    import ctypes, types
    settings = {"lib": "libpython3.11.so"}
    class Plug:
        def __init__(self): self.lib = settings["lib"]
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    def configure(**given):
        for key in given: settings[key] = given[key]
    """,
    "a dictionary that is updated": """\
    import ctypes, types
    settings = {"lib": "libpython3.11.so"}
    def clear(): ctypes.PyDLL(settings["lib"]).PyErr_Clear()
    def configure(**given): settings.update(given)
    """,
    "a dictionary by another name": """\
    import ctypes, types
    settings = {"lib": "libpython3.11.so"}
    other = settings
    def clear(): ctypes.PyDLL(settings.get("lib")).PyErr_Clear()
    def configure(): other["lib"] = "other"
    """,
    "a list by a parameter": """\
    import ctypes, types
    libs = ["libpython3.11.so"]
    def add(target, name): target.insert(0, name)
    def clear(): ctypes.PyDLL(libs[0]).PyErr_Clear()
    add(libs, "other")
    """,
    "a list by its slice": """\
    import ctypes, types
    libs = ["libpython3.11.so"]
    def clear(): ctypes.PyDLL(libs[0]).PyErr_Clear()
    def register(name): libs[:] = [name]
    """,
    "a class that `type` makes": """\
    import ctypes, types
    class Plug:
        lib = "libpython3.11.so"
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    Other = type("Other", (Plug,), {"lib": "other"})
    """,
    "a name of the module that a mock replaces": """\
    import ctypes
    from unittest import mock
    LIB = "libpython3.11.so"
    def clear(): ctypes.PyDLL(LIB).PyErr_Clear()
    with mock.patch(__name__ + ".LIB", "other"): clear()
    """,
    "an attribute that a mock replaces": """\
    import ctypes
    from unittest import mock
    class Plug:
        lib = "libpython3.11.so"
        def clear(self): ctypes.PyDLL(self.lib).PyErr_Clear()
    with mock.patch.object(Plug, "lib", "other"): Plug().clear()
    """,
    "a name of the module by a computed one": """\
    import ctypes
    LIB = "libpython3.11.so"
    def clear(): ctypes.PyDLL(LIB).PyErr_Clear()
    def use(name, value): globals()[name] = value
    """,
    "a name of the module by `sys.modules`": """\
    import ctypes, sys
    LIB = "libpython3.11.so"
    def clear(): ctypes.PyDLL(LIB).PyErr_Clear()
    sys.modules[__name__].LIB = "other"
    """,
    "a loader that a class imports": """\
    class A:
        from ctypes import PyDLL
        def clear(self): self.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "calls are traced": """\
    import ctypes, sys, threading
    sys.settrace(print)
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "calls are profiled": """\
    import ctypes, sys, threading
    import cProfile
    cProfile.run("pass")
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "calls are monitored": """\
    import ctypes, sys, threading
    sys.monitoring.use_tool_id(1, "x")
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "a hook for the exceptions of threads": """\
    import ctypes, sys, threading
    threading.excepthook = print
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "a hook for finalisers": """\
    import ctypes, sys, threading
    sys.unraisablehook = print
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "a handler of an event loop": """\
    import ctypes, sys, threading
    import asyncio
    asyncio.new_event_loop().set_exception_handler(print)
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "its own code object": """\
    import ctypes, sys, threading
    def f(): return ctypes.PyDLL("libpython3.11.so")
    print(f.__code__.co_names)
    """,
    "its own source by inspect": """\
    import ctypes, sys, threading
    import inspect
    def f(): ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    print(inspect.getsource(f))
    """,
    "its own source by its path": """\
    import ctypes, sys, threading
    print(len(open(__file__).read()))
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "its own source by a path object": """\
    import ctypes, sys, threading
    import pathlib
    print(pathlib.Path(__file__).read_text())
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "a loader kept by a class": """\
    import ctypes, types
    class A:
        _open = staticmethod(ctypes.PyDLL)
        def clear(self): self._open("libpython3.11.so").PyErr_Clear()
    """,
    "a loader kept by an object": """\
    import ctypes, types
    class A:
        def __init__(self): self._open = ctypes.PyDLL
        def clear(self): self._open("libpython3.11.so").PyErr_Clear()
    """,
    "a loader of a base class": """\
    import ctypes, types
    class Base:
        loader = ctypes.PyDLL
    class A(Base):
        def clear(self): self.loader("libpython3.11.so").PyErr_Clear()
    """,
    "a loader kept in a namespace": """\
    import ctypes, types
    space = types.SimpleNamespace(load=ctypes.PyDLL)
    space.load("libpython3.11.so").PyErr_Clear()
    """,
    "a loader kept in a dictionary": """\
    import ctypes, types
    loaders = {"py": ctypes.PyDLL}
    loaders["py"]("libpython3.11.so").PyErr_Clear()
    """,
    "a loader by a name that is set by a text": """\
    import ctypes, types
    load = ctypes.PyDLL
    globals()["load"] = print
    def clear(): load("libpython3.11.so").PyErr_Clear()
    """,
    "copied there": """\
    import ctypes, shutil
    name = "libpython3.11.so"
    shutil.copy("/opt/own.so", name)
    ctypes.PyDLL(name).PyErr_Clear()
    """,
    "opened to be written": """\
    import ctypes
    name = "libpython3.11.so"
    with open(name, "wb") as file: file.write(other)
    ctypes.PyDLL(name).PyErr_Clear()
    """,
    "made by a process": """\
    import ctypes, subprocess
    name = "libpython3.11.so"
    subprocess.run(["gcc", "-o", name])
    ctypes.PyDLL(name).PyErr_Clear()
    """,
    "written by its path": """\
    import ctypes, pathlib
    name = pathlib.Path("libpython3.11.so")
    name.write_bytes(other)
    ctypes.PyDLL(str(name)).PyErr_Clear()
    """,
    "stored and compared": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.PyErr_Clear()
    same = lib is ctypes.pythonapi
    """,
    "one version or another by something else": """\
    import ctypes, sys
    if wanted >= (3, 12):
        ctypes.PyDLL("libpython3.12.so").PyErr_Clear()
    else:
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "one version and another": """\
    import ctypes
    ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    ctypes.PyDLL("libpython3.12.so").PyErr_Clear()
    """,
    "global": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so", mode=ctypes.RTLD_GLOBAL)
    lib.PyErr_Clear()
    """,
    "global pos": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so", ctypes.RTLD_GLOBAL)
    lib.PyErr_Clear()
    """,
    "mode unknown": """\
    import ctypes
    def f(mode):
        lib = ctypes.PyDLL("libpython3.11.so", mode)
        lib.PyErr_Clear()
    """,
    "mode bits": """\
    import ctypes
    import os
    lib = ctypes.PyDLL("libpython3.11.so", mode=os.RTLD_NOW | os.RTLD_GLOBAL)
    lib.PyErr_Clear()
    """,
    "handle": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    print(lib._handle)
    """,
    "dlclose": """\
    import ctypes
    import _ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.PyErr_Clear()
    _ctypes.dlclose(lib._handle)
    """,
    "try": """\
    import ctypes
    try:
        lib = ctypes.PyDLL("libpython3.11.so")
    except OSError:
        lib = None
    if lib: lib.PyErr_Clear()
    """,
    "try exc": """\
    import ctypes
    try:
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.PyErr_Clear()
    except Exception:
        pass
    """,
    "try bare": """\
    import ctypes
    try:
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.PyErr_Clear()
    except:
        pass
    """,
    "try tuple": """\
    import ctypes
    try:
        lib = ctypes.PyDLL("libpython3.11.so")
        lib.PyErr_Clear()
    except (ImportError, OSError):
        pass
    """,
    "try outer func": """\
    import ctypes
    def load():
        return ctypes.PyDLL("libpython3.11.so")
    try:
        api = load()
    except OSError:
        api = None
    """,
    "try default": """\
    import ctypes
    def clear(): ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    try:
        def use(cleared=clear()): pass
    except OSError:
        print("failed")
    """,
    "suppress": """\
    import ctypes
    from contextlib import suppress
    with suppress(OSError):
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "raises": """\
    import ctypes
    import pytest
    with pytest.raises(OSError):
        ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
    """,
    "find or": """\
    import ctypes
    from ctypes.util import find_library
    lib = ctypes.PyDLL(find_library("python3.11") or "libpython3.11.so")
    lib.PyErr_Clear()
    """,
    "preload": """\
    import ctypes
    ctypes.CDLL("libpython3.11.so", mode=ctypes.RTLD_GLOBAL)
    """,
    "data": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    flag = ctypes.c_int.in_dll(lib, "Py_VerboseFlag")
    """,
}
#: Loads that get no fix.
NO_FIX = {
    "an attribute of a class by its name": """\
    import ctypes, types
    class Plug:
        lib = "libpython3.11.so"
    def clear(): ctypes.PyDLL(Plug.lib).PyErr_Clear()
    clear()
    setattr(Plug, "lib", "other")
    clear()
    """,
    "an attribute by `vars`": """\
    import ctypes, types
    space = types.SimpleNamespace(lib="libpython3.11.so")
    def clear(): ctypes.PyDLL(space.lib).PyErr_Clear()
    vars(space)["lib"] = "other"
    """,
    "a loader kept by a class, and set by its name": """\
    import ctypes, types
    class A:
        _open = ctypes.PyDLL
        def clear(self): self._open("libpython3.11.so").PyErr_Clear()
    setattr(A, "_open", print)
    """,
    "main": """\
    import ctypes
    ctypes.CDLL("libpython3.11.so").Py_Main(0, None)
    """,
    "bytesmain": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so")
    lib.Py_BytesMain(0, None)
    """,
    "init": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so")
    lib.Py_InitializeEx(0)
    """,
    "init fn": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so")
    init = lib.Py_Initialize
    init()
    """,
    "init getattr": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so")
    getattr(lib, "Py_Initialize")()
    """,
    "init subscript": """\
    import ctypes
    lib = ctypes.CDLL("libpython3.11.so")
    lib["Py_Initialize"]()
    """,
    "init method": """\
    import ctypes
    class R:
        def __init__(self):
            self.lib = ctypes.PyDLL("libpython3.11.so")
        def start(self):
            self.lib.Py_Initialize()
    """,
    "init global": """\
    import ctypes
    _lib = None
    def get():
        global _lib
        _lib = ctypes.PyDLL("libpython3.11.so")
        return _lib
    def start():
        _lib.Py_Initialize()
    """,
    "init returned": """\
    import ctypes
    def get():
        return ctypes.PyDLL("libpython3.11.so")
    def start():
        lib = get()
        lib.Py_Initialize()
    """,
    "init returned2": """\
    import ctypes
    def get():
        return ctypes.PyDLL("libpython3.11.so")
    get().Py_Initialize()
    """,
    "init argument": """\
    import ctypes
    def start(lib):
        lib.Py_Initialize()
    lib = ctypes.PyDLL("libpython3.11.so")
    start(lib)
    """,
    "savethread": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    state = lib.PyEval_SaveThread()
    lib.PyEval_RestoreThread(state)
    """,
    "init class": """\
    import ctypes
    class R:
        lib = ctypes.PyDLL("libpython3.11.so")
        def start(self):
            self.lib.Py_Initialize()
    """,
    "init prototype": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_Initialize.restype = None
    lib.Py_Initialize()
    """,
    "init with": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    def run():
        lib.Py_Initialize()
        try:
            lib.PyRun_SimpleString(b"print(1)")
        finally:
            lib.Py_FinalizeEx()
    """,
    "hasattr": """\
    import ctypes
    lib = ctypes.PyDLL("libpython3.11.so")
    if hasattr(lib, "Py_NewRef"):
        lib.Py_NewRef(1)
    """,
    "hasattr self": """\
    import ctypes
    class R:
        def __init__(self):
            self.lib = ctypes.PyDLL("libpython3.11.so")
        def ok(self):
            return hasattr(self.lib, "Py_NewRef")
    """,
    "loop": """\
    import ctypes
    for n in ("libpython3.12.so", "libpython3.11.so"):
        try:
            lib = ctypes.PyDLL(n)
            lib.PyErr_Clear()
            break
        except OSError: pass
    """,
    "replaces": """\
    import ctypes
    ctypes.pythonapi = ctypes.PyDLL("libpython3.11.so")
    """,
    "replaces alias": """\
    import ctypes as c
    c.pythonapi = c.PyDLL("libpython3.11.so")
    """,
    "replaces setattr": """\
    import ctypes
    setattr(ctypes, "pythonapi", ctypes.PyDLL("libpython3.11.so"))
    """,
    "fallback": """\
    import ctypes
    try:
        f = ctypes.pythonapi.PyUnstable_X
    except AttributeError:
        f = ctypes.PyDLL("libpython3.11.so").PyUnstable_X
    """,
    "fallback if": """\
    import ctypes
    api = ctypes.pythonapi
    if not hasattr(api, "PyUnstable_X"):
        api = ctypes.PyDLL("libpython3.11.so")
    api.PyUnstable_X()
    """,
    "fallback getattr": """\
    import ctypes
    f = getattr(ctypes.pythonapi, "Py_X", None) or ctypes.PyDLL("libpython3.11.so").Py_X
    f()
    """,
    "fallback func": """\
    import ctypes
    def lookup(name):
        try:
            return getattr(ctypes.pythonapi, name)
        except AttributeError:
            return getattr(ctypes.PyDLL("libpython3.11.so"), name)
    """,
    "preload loop": """\
    import ctypes
    for name in ("libpython3.11.so", "libpython3.12.so"):
        ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
    """,
    "foreign": """\
    import _ctypes
    handle = _ctypes.dlopen("libpython3.11.so", 0)
    print(handle)
    """,
}


#: Arguments that raise nothing, so that a handler around them loses nothing.
SURELY_WORK = (
    '"libpython%d.%d.so" % sys.version_info[:2]',
    '"libpython%d.%d.so" % (3, 11)',
    '"libpython%s.so" % "3.11"',
    '"libpython{}.{}.so".format(3, 11)',
    '"libpython" + "3.11.so"',
    "NAMES[1]",
    'TABLE["lib"]',
    'os.path.join(sys.prefix, "lib", "libpython3.11.so")',
    "str(NAME)",
    '"libpython3.11.dll".replace("dll", "so")',
    'NAME.rpartition("/")[2]',
    'f"libpython{sys.version_info.major}.{sys.version_info.minor}.so"',
    'sysconfig.get_config_var("LDLIBRARY")',
)
#: Those that may raise what is handled, or are not known to raise nothing.
MAY_RAISE = (
    '"libpython%d.%d.so" % sys.version_info',
    '"libpython%x.so" % 3',
    '"libpython%s.so" % 3',
    '"libpython%(v)s.so" % {"v": "3.11"}',
    '"libpython{v}.so".format(v="3.11")',
    '"libpython{0}.so".format("3.11")',
    "NAMES[-1:][0]",
    'TABLE.get("lib")',
    'os.path.join(os.environ["HOME"], "libpython3.11.so")',
    "max(NAMES)",
    'f"libpython{sys.version_info.majr}.so"',
    'sysconfig.get_config_vars()["LDLIBRARY"]',
    '"".join(["libpython", "3.11.so"])',
    'NAME.split("/")[-1]',
    'pathlib.Path("/usr/lib/libpython3.11.so")',
    'glob.glob("/usr/lib/libpython3*.so")[0]',
)
HANDLED = """\
import ctypes, glob, os, pathlib, sys, sysconfig
NAMES = ["libpython3.11.so", "libpython3.12.so"]
TABLE = {{"lib": "libpython3.11.so", "other": "libpython3.12.so"}}
NAME = "libpython3.11.so"
def clear():
    try: ctypes.PyDLL({}).PyErr_Clear()
    except (ArithmeticError, AssertionError, LookupError): print("no")
"""
SAFE |= {f"handled: {one}": HANDLED.format(one) for one in SURELY_WORK}
VIEW |= {f"handled: {one}": HANDLED.format(one) for one in MAY_RAISE}

#: What a class has, and an argument that runs it.
COMPUTED = {
    "def __str__(self): return next(places)": '"%s" % PLACE',
    "def __format__(self, given): return next(places)": 'f"{PLACE}"',
    "def __add__(self, other): return places.pop()": 'PLACE + "a"',
    "@property\n    def a(self): return next(places)": "PLACE.a",
    "a = property(lambda self: next(places))": "PLACE.a",
    "a = functools.cached_property(lambda self: next(places))": "PLACE.a",
    "a, b = property(next), None": "PLACE.a",
}
PLAIN = {"a = '/usr/lib'": "PLACE.a", "a: str = '/usr' + '/lib'": "PLACE.a"}
IN_CLASS = """\
import ctypes, functools, os
class Place:
    {}
PLACE = Place()
ctypes.PyDLL(os.path.join({}, "libpython3.11.so")).PyErr_Clear()
"""
SAFE |= {f"plain: {name}": IN_CLASS.format(name, one) for name, one in PLAIN.items()}
VIEW |= {f"computed: {name}": IN_CLASS.format(name, one) for name, one in COMPUTED.items()}

#: Bodies of a context manager's class, by whether it certainly ends no exception.
MANAGED = """\
import abc, contextlib, ctypes, sys
import other
class Base:
    def __exit__(self, *raised): {0}
class Heir(Base): pass
class Swallowing(Base):
    def __exit__(self, *raised): return True
class Manager{1}
with {2}: ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
"""
EXIT = ":\n    def __exit__(self, *raised): "
LETS_THROUGH = {
    "returns nothing": EXIT + "print(raised)",
    "returns nothing early": EXIT + "\n        if raised[0]: return\n        print(1)",
    "returns `None`": EXIT + "return None",
    "returns `False`": EXIT + "return False",
    "returns a name for it": EXIT + "\n        answer = False\n        return answer",
    "inherits it": "(Base): pass",
    "overrides it": "(Swallowing):\n    def __exit__(self, *raised): return None",
    "is a data class": (
        ":\n    pass\nimport dataclasses\n@dataclasses.dataclass\nclass Manager"
        + EXIT
        + "return None"
    ),
    "shows its class": EXIT + "print(self.__class__.__name__, sys.argv)",
    "has a base that calls no method": "(abc.ABC)" + EXIT + "return None",
    "another function in it returns something": EXIT + "map(lambda: True, raised)",
}
MAY_SWALLOW = {
    "returns `True`": EXIT + "return True",
    "returns a number": EXIT + "return 1",
    "returns a test": EXIT + "return raised[0] is OSError",
    "returns what may be set": ":\n    quiet = False" + EXIT[1:] + "return self.quiet",
    "inherits it": "(Swallowing): pass",
    "one of two bases": "(Heir, Swallowing): pass",
    "a base from elsewhere": "(other.Manager, Base): pass",
    "another's function": ":\n    __exit__ = other.quiet",
    "a second definition": EXIT + "return None" + EXIT[1:] + "return True",
    "a definition on a condition": (
        "(Swallowing):\n    if other:\n        def __exit__(self, *raised): return None"
    ),
    "a decorator": ":\n    @other.quiet" + EXIT[1:] + "return None",
    "a decorator of the class": ":\n    pass\n@other.quiet\nclass Manager" + EXIT + "return None",
    "a metaclass": "(metaclass=other.Quiet)" + EXIT + "return None",
    "another object": ":\n    def __new__(cls): return other.quiet()" + EXIT[1:] + "return None",
    "a generator": EXIT + "yield",
    "a coroutine": ":\n    async def __exit__(self, *raised): return None",
    "raises another": EXIT + "\n        if raised[0]: raise ImportError",
    "ends the program": EXIT + "\n        if raised[0]: sys.exit(3)",
    "is replaced": EXIT + "return None\nManager.__exit__ = other.quiet",
    "is replaced by its name": EXIT + "return None\nsetattr(Manager, '__exit__', other.quiet)",
}
SAFE |= {
    f"a manager that {name}": MANAGED.format("return None", body, "Manager()")
    for name, body in LETS_THROUGH.items()
}
UNSAFE |= {
    f"a manager: {name}": MANAGED.format("return None", body, "Manager()")
    for name, body in MAY_SWALLOW.items()
}
SAFE["a manager that was opened before"] = MANAGED.format(
    "return None", ": pass\nopened = open('x')", "opened"
)
UNSAFE["a manager with a base that is made otherwise"] = MANAGED.format(
    "return None",
    f"(metaclass=other.Quiet): pass\nclass Plain(Manager){EXIT}return None",
    "Plain()",
)
UNSAFE["a manager that is a class"] = MANAGED.format("return None", "(Base): pass", "Manager")
UNSAFE["a manager that becomes another"] = MANAGED.format(
    "return None", ":\n    pass\none = Heir()\none.__class__ = other.Quiet", "one"
)
WAITING = """\
import ctypes
class Manager:
    def __exit__(self, *raised): return {}
    async def __aexit__(self, *raised): return {}
async def clear():
    async with Manager(): ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
"""
SAFE["a manager that is waited for, and lets all through"] = WAITING.format("True", "None")
UNSAFE["a manager that is waited for, and ends an exception"] = WAITING.format("None", "True")

#: What runs code of the file where the argument is evaluated.
TOLD = """\
import attr, attrs, ctypes, dataclasses
def told(*_): return print("x") is None
def made():
    print("x")
    return "libpython3.11.so"
class Meta(type):
    def __call__(cls): return told() and super().__call__()
{plug}
ctypes.PyDLL({argument}).PyErr_Clear()
"""
EITHER = '"libpython3.11.so" if {} else "libpython3.12.so"'
TELLING = {
    "a field of a data class": (
        """@dataclasses.dataclass
class Plug:
    lib: str = dataclasses.field(default_factory=made)""",
        "Plug().lib",
    ),
    "a field of attrs": (
        """@attrs.define
class Plug:
    lib: str = attrs.field(factory=made)""",
        "Plug().lib",
    ),
    "another field": (
        """@attr.s(auto_attribs=True)
class Plug:
    lib: str = "libpython3.11.so"
    other: int = attr.Factory(made)""",
        "Plug().lib",
    ),
    "a field of a base": (
        """@dataclasses.dataclass
class Base:
    a: int = dataclasses.field(default_factory=made)
@dataclasses.dataclass
class Plug(Base):
    lib: str = "libpython3.11.so" """,
        "Plug().lib",
    ),
    "a metaclass": (
        'class Plug(metaclass=Meta):\n    lib = "libpython3.11.so"',
        "Plug().lib",
    ),
    "a deleted object": (
        'class Plug:\n    lib = "libpython3.11.so"\n    __del__ = told',
        "Plug().lib",
    ),
    **{
        f"{name} in {argument}": (f"class Plug:\n    {name} = told", argument)
        for name, argument in {
            "__eq__": EITHER.format("Plug() == 1"),
            "__lt__": EITHER.format("Plug() < 1"),
            "__gt__": EITHER.format("1 < Plug()"),
            "__contains__": EITHER.format("1 in Plug()"),
            "__bool__": EITHER.format("Plug()"),
            "__len__": EITHER.format("not Plug()"),
            "__iter__": '["libpython3.11.so" for _ in Plug()][0]',
        }.items()
    },
}  # fmt: skip
VIEW |= {
    f"{name} tells": TOLD.format(plug=plug, argument=argument)
    for name, (plug, argument) in TELLING.items()
}
SAFE |= {
    "a field that is a list": TOLD.format(
        plug='@dataclasses.dataclass\nclass Plug:\n    lib: str = "libpython3.11.so"\n'
        "    other: list = dataclasses.field(default_factory=list)",
        argument="Plug().lib",
    ),
    "objects that are compared by identity": TOLD.format(
        plug="class Plug:\n    __eq__ = told", argument=EITHER.format("Plug is None")
    ),
}

#: What another function does with the module ctypes, and whether it may replace a loader.
GIVEN = """\
import ctypes, importlib, inspect
from other import flexmock, replace, when
def own(module): return module.c_int
{}
ctypes.PyDLL("libpython3.11.so").PyErr_Clear()
"""
for given in (
    *('flexmock(ctypes).should_receive("PyDLL")', "when(ctypes).PyDLL(...).thenReturn(3)"),
    *("replace(ctypes)", "replace(target=ctypes)", 'exec("ctypes.PyDLL = print")'),
):
    UNSAFE[given] = GIVEN.format(given)
for given in (
    *("ctypes.pydll._dlltype = replace", "setattr(ctypes.pydll, '_dlltype', replace)"),
    *("p = ctypes.pydll; p._dlltype = replace", "vars(ctypes.pydll)['_dlltype'] = replace"),
    "ctypes.pydll.__dict__.update(_dlltype=replace)",
    *("ctypes.PyDLL._func_restype_ = ctypes.py_object", "ctypes.CDLL.__del__ = replace"),
    *("P = ctypes.PyDLL; P._func_flags_ = 1", "ctypes.pydll._dlltype.__getattribute__ = replace"),
    *("setattr(ctypes.PyDLL, '_func_restype_', int)", "ctypes.CDLL.__setattr__ = replace"),
    *("ctypes.pydll.__init__(replace)", "ctypes.LibraryLoader.__init__(ctypes.pydll, replace)"),
    *("init = ctypes.pydll.__init__; init(replace)", "getattr(ctypes.pydll, '__init__')(replace)"),
    *(
        "[one.__init__(replace) for one in (ctypes.cdll, ctypes.pydll)]",
        "own(ctypes).__init__(own)",
    ),
    *("ctypes.pydll.__class__ = replace", "ctypes.pydll.__dict__ |= {'_dlltype': replace}"),
    *(
        "ctypes.__class__ = replace",
        "ctypes.PyDLL.__bases__ = (replace,)",
        "ctypes._CFuncPtr = own",
    ),
    "import operator; operator.methodcaller('__init__', replace)(ctypes.pydll)",
    *("import builtins; builtins.__import__ = replace", "__builtins__['__import__'] = replace"),
    *("import sys; sys.meta_path.insert(0, replace)", "import sys; sys.path_hooks[:] = [replace]"),
    "from unittest import mock; mock.patch('builtins.__import__', replace).start()",
):
    UNSAFE[given] = GIVEN.format(given).replace(".PyDLL(", ".pydll.LoadLibrary(")
UNSAFE["a loader that a loop deletes"] = """\
from ctypes import PyDLL
for _ in range(2):
    try:
        PyDLL("libpython3.11.so").PyErr_Clear()
    finally:
        del PyDLL
"""
for given in (
    *("print(ctypes, hasattr(ctypes, 'c_int'))", "own(ctypes)", "inspect.getfile(ctypes)"),
    *("importlib.reload(ctypes)", "replace(ctypes.c_int)", "replace(inspect)"),
    *("own.__del__ = replace", "import builtins; builtins.open = replace", "__import__('json')"),
    *("ctypes.c_int.real = replace", "inspect.signature(replace.__init__)", "own.__class__ = own"),
    "class A(replace):\n    def __init__(self): super().__init__(1)",
    "class A(ctypes.PyDLL):\n    def __init__(self, n): ctypes.PyDLL.__init__(self, n); self._n = n",
    *('exec("from ctypes import CDLL, PyDLL")', 'exec("x = ctypes.c_int == ctypes.PyDLL")'),
):
    SAFE[given] = GIVEN.format(given)

VERDICTS = {"safe": SAFE, "view": VIEW, "unsafe": UNSAFE, None: NO_FIX}


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        pytest.param(code, verdict, id=name)
        for verdict, programs in VERDICTS.items()
        for name, code in programs.items()
    ],
)
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
