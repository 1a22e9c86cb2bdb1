"""How a load becomes a private view of ``ctypes.pythonapi``, which opens nothing.

``ctypes.CDLL(NAME, handle=ctypes.pythonapi._handle)`` is a library object of its own, of the
same class and name as before: prototypes set on it are not those of ``pythonapi``, and
``CDLL`` goes on releasing the GIL. The argument stays as it is written, and is evaluated.
"""

from __future__ import annotations

import libcst as cst

from no_libpython_dlopen.model.finding import Edit
from no_libpython_dlopen.python.fixes.imports.import_edits import ImportEdits
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.syntax.calls import argument
from no_libpython_dlopen.python.syntax.positions import Positions

_CLASSES = frozenset(
    {"ctypes.CDLL", "ctypes.PyDLL", "ctypes.cdll._dlltype", "ctypes.pydll._dlltype"}
)
_METHODS = frozenset({"ctypes.cdll.LoadLibrary", "ctypes.pydll.LoadLibrary"})

_Replacement = tuple[int, int, str]


def spell_view(
    load: LibraryLoad, imports: ImportEdits, positions: Positions
) -> tuple[list[_Replacement], tuple[Edit, ...]] | None:
    """Return the replacements in a load, and the import edits that these need.

    ``None`` where the loader takes no handle: a subscript or attribute of ``ctypes.cdll``,
    which keeps what it opened for others, and a ``partial`` or unpacked arguments.
    """
    node = load.node
    if not isinstance(node, cst.Call) or not node.args or load.adds_arguments:
        return None
    if load.argument is None or any(argument.star for argument in node.args):
        return None
    if load.loader in _CLASSES:
        spelling = imports.spell_pythonapi(load, keeps_loader=True)
    elif load.loader in _METHODS:
        spelling = imports.spell_by_module(load)
    else:
        return None
    if spelling is None:
        return None
    pythonapi, edits = spelling
    replaced = [_give_handle(node, f"{pythonapi}._handle", positions)]
    if load.loader in _METHODS:
        module = pythonapi.removesuffix(".pythonapi")
        start, end = positions.whole(node.func)
        replaced.append((start, end, f"{module}.{load.library_class}"))
    return replaced, edits


def _give_handle(node: cst.Call, handle: str, positions: Positions) -> _Replacement:
    """Return the replacement that gives a call its handle."""
    given = argument(node, "handle", 2)
    if given is not None:
        return (*positions.whole(given), handle)
    end = positions.whole(node.args[-1].value)[1]
    return end, end, f", handle={handle}"
