"""Whether a file asks the running Python for its version, to compare another answer with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import libcst as cst

from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.uses import LibraryUses
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

_QUESTIONS = (
    *("sys.version", "sys.hexversion", "sys.api_version", "sys.implementation"),
    *("platform.python_", "sysconfig.get_python_version"),
)


def asks_own_version(
    evaluator: Evaluator, positions: Positions, uses: LibraryUses, naming: Collection[int]
) -> bool:
    """Return whether a file asks for its version, other than to branch or in the nodes ``naming``."""
    words: Iterator[cst.Name | cst.Attribute] = iter(
        (*positions.nodes(cst.Attribute), *positions.nodes(cst.Name))
    )
    return any(
        id(node) not in naming and not _is_branch(positions, node)
        for node in words
        if any(name.startswith(_QUESTIONS) for name in _qualified_names(evaluator, uses, node))
    )


def _qualified_names(
    evaluator: Evaluator, uses: LibraryUses, node: cst.Name | cst.Attribute
) -> Iterator[str]:
    """Yield the qualified names of another module's attribute, as it is written."""
    if isinstance(node, cst.Attribute):
        yield f"{evaluator.qualified_name(node.value)}.{node.attr.value}"
    else:
        yield from (one.qualified for one in uses.name_bindings(node))


def _is_branch(positions: Positions, node: cst.CSTNode) -> bool:
    """Return whether an expression is compared with nothing but literals."""
    comparison = next((o for o in positions.ancestors(node) if isinstance(o, cst.Comparison)), None)
    if comparison is None:
        return False
    compared = (comparison.left, *(one.comparator for one in comparison.comparisons))
    others = [one for one in compared if not any(part is node for part in descendants(one))]
    return all(isinstance(one, (cst.Tuple, cst.Integer, cst.SimpleString)) for one in others)
