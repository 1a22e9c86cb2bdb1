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
#: Those that put the suffix to a name by themselves.
SUFFIXING = ("numpy.ctypeslib.", "cppyy.", "ROOT.")
#: Ends of the names of cffi's ``dlopen``, whatever the object is called.
CFFI = ("FFI().dlopen", ".ffi.dlopen")
