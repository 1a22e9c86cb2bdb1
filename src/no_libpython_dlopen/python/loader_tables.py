"""What opens a shared library by name, by qualified name. Tables, free of libcst.

``x()`` is a result of calling ``x``, as in ``External``.
"""

from __future__ import annotations

#: ctypes' loaders, each with the class that the library becomes.
LOADERS = {
    "ctypes.CDLL": "CDLL",
    "ctypes.PyDLL": "PyDLL",
    "ctypes.cdll.LoadLibrary": "CDLL",
    "ctypes.pydll.LoadLibrary": "PyDLL",
    "ctypes.cdll.__getitem__": "CDLL",
    "ctypes.pydll.__getitem__": "PyDLL",
    "ctypes.cdll.__getattr__": "CDLL",
    "ctypes.pydll.__getattr__": "PyDLL",
    "ctypes.LibraryLoader().LoadLibrary": "CDLL",
    "ctypes.cdll._dlltype": "CDLL",
    "ctypes.pydll._dlltype": "PyDLL",
}
#: Objects that load what is asked of them by subscript or attribute.
COLLECTIONS = {"ctypes.cdll": "CDLL", "ctypes.pydll": "PyDLL", "ctypes.LibraryLoader()": "CDLL"}
#: Other loaders whose first argument names the library.
FOREIGN = frozenset(
    {"_ctypes.dlopen", "ctypes._dlopen", "cppyy.load_library", "cppyy.gbl.gSystem.Load"}
    | {"numpy.ctypeslib.load_library", "ROOT.gSystem.Load", "cppyy.ll.load_library"}
    | {"torch.ops.load_library", "torch.classes.load_library", "tensorflow.load_library"}
    | {"llvmlite.binding.load_library_permanently", "numba.core.typing.cffi_utils.dlopen"}
)
#: Opened libraries of ctypes, any of which has the C library's ``dlopen`` if it leads to it.
HANDLES = frozenset(
    f"ctypes.{handle}"
    for handle in ("CDLL()", "PyDLL()", "pythonapi", "cdll.LoadLibrary()", "pydll.LoadLibrary()")
)
FOREIGN |= {f"{handle}.{name}" for handle in HANDLES for name in ("dlopen", "dlmopen")}
#: Functions that call what they are given with the rest of their arguments, or with each item of
#: the next one, and how many arguments stand before it. Of methods, the ends of their names.
FORWARDING = {
    **dict.fromkeys(("asyncio.to_thread", ".to_thread.run_sync", "atexit.register"), 0),
    **dict.fromkeys(
        ("operator.call", "type.__call__", "Executor().submit", "ExitStack().callback"), 0
    ),
    **dict.fromkeys((").call_soon", ").call_soon_threadsafe"), 0),
    **dict.fromkeys((f"TestCase().add{kind}Cleanup" for kind in ("", "Class")), 0),
    **dict.fromkeys((").run_in_executor", ").call_later", ").call_at", "weakref.finalize"), 1),
    **dict.fromkeys(("pytest.raises", "TestCase().assertRaises"), 1),
}
#: Ends of the names of those that call what they are given with each item of the next argument.
MAPPING = ("map", "imap", "imap_unordered", "map_async", "starmap", "starmap_async")
#: Ends of the names of those that are given a function's arguments in a tuple and a dictionary:
#: where each of the three is, by position and name.
PACKED = {
    **dict.fromkeys(
        ("threading.Thread", "multiprocessing.Process", ".get_context().Process"),
        ((1, "target"), (3, "args"), (4, "kwargs")),
    ),
    **dict.fromkeys(
        ("Pool().apply", "Pool().apply_async"), ((0, "func"), (1, "args"), (2, "kwds"))
    ),
    **dict.fromkeys(
        ("sched.scheduler().enter", "sched.scheduler().enterabs"),
        ((2, "action"), (3, "argument"), (4, "kwargs")),
    ),
    "threading.Timer": ((1, "function"), (2, "args"), (3, "kwargs")),
    "_thread.start_new_thread": ((0, "function"), (1, "args"), (2, "kwargs")),
}
#: Those that put the suffix to a name by themselves.
SUFFIXING = ("numpy.ctypeslib.", "cppyy.", "ROOT.")
#: Ends of the names of cffi's ``dlopen``, whatever the object is called.
CFFI = ("FFI().dlopen", ".ffi.dlopen")
#: A loader's word that others use as well, cffi itself among them, and the modules of which one
#: is named wherever it is a loader.
SHARED_WORD = "load_library"
MODULES_OF_SHARED_WORD = frozenset(
    name.split(".")[-2 if name.startswith("numpy.") else 0]
    for name in FOREIGN
    if name.endswith(f".{SHARED_WORD}")
)
