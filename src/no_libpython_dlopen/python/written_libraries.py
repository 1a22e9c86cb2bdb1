"""Finds the calls that open a file which the code around them has written, and no libpython.

That counts where the file is certain to be that one: a text of the code is written to it in the
same function, earlier and whenever the call is reached, or by the fixture or the ``setUp`` that a test
runner calls before, and nothing is called between that could put another there.
"""

from __future__ import annotations

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import BindingKind, Scope
from no_libpython_dlopen.python.evaluator.abstract_values import FROM_PARAMETER
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.patched_loaders import calls_that_name_libpython
from no_libpython_dlopen.python.syntax.calls import positional
from no_libpython_dlopen.python.syntax.parse import descendants, last_word

#: Methods of a path that write a text, and those that leave what is written.
_WRITING = frozenset({"write", "write_bytes", "write_text", "touch"})
_LEAVING = frozenset(
    {"chmod", "exists", "is_file", "stat", "resolve", "absolute", "as_posix", "close", "flush"}
    | {"read", "read_bytes", "read_text"}
)
#: Functions that return the path that they are given.
_SAME_PATH = frozenset({"str", "fspath", "fsdecode", "fsencode", "Path", "abspath", "realpath"})
#: Last words of the calls that may stand between: all others may put something else there.
_HARMLESS = (
    frozenset({"print", "isfile", "getsize", "open", "join", "len", "repr", "format", "encode"})
    | {"raises", "assertRaises", "assertRaisesRegex", "suppress", "TemporaryDirectory"}
    | {"setenv", "delenv", "addCleanup", "mkdir", "makedirs", "debug", "info", "subTest"}
    | _WRITING
    | _LEAVING
    | _SAME_PATH
)
_MODULES = frozenset({"io", "os", "codecs"})
_PATHS = (cst.Name, cst.BinaryOperation, cst.Call, cst.Attribute)
_MAX_STEPS = 8


def is_written(evaluator: Evaluator, load: LibraryLoad) -> bool:
    """Return whether a load opens a file that its own function, or each caller, has written."""
    if _opens_written(evaluator, load.node):
        return True
    if not load.names.labels & FROM_PARAMETER:
        return False
    named = calls_that_name_libpython(evaluator, load.scope)
    return bool(named) and all(_opens_written(evaluator, one) for one in named)


def _opens_written(evaluator: Evaluator, node: cst.Call | cst.Subscript | cst.Attribute) -> bool:
    flow = evaluator.dataflow
    given = positional(node) if isinstance(node, cst.Call) else []
    paths = (_path_of(evaluator, one) for one in given)
    several = [one for one in paths if isinstance(one, _PATHS)]
    if not several:
        return False
    reached_if = frozenset(flow.path_conditions[node])
    is_known = any(_is_prepared(evaluator, one, flow.live_expressions[node]) for one in several)
    if not is_known:
        several = [one for one in several if not isinstance(one, cst.Attribute)]
    for one, scope in flow.live_expressions.items():
        if one is node:
            return is_known
        if not isinstance(one, cst.Call) or scope is not flow.live_expressions[node]:
            continue
        if any(_writes(evaluator, one, path) for path in several):
            is_known |= reached_if.issuperset(flow.path_conditions[one])
        elif is_known and any(_may_change(evaluator, one, path) for path in several):
            is_known = any(part is node for part in descendants(one))  # the load is in it
    return False


def _is_prepared(evaluator: Evaluator, path: cst.BaseExpression, scope: Scope) -> bool:
    """Return whether the fixture that gives a path, or ``setUp`` of the class, has written a file there."""
    flow, parent = evaluator.dataflow, scope.parent
    if isinstance(path, cst.Attribute) and parent is not None and parent.is_class:
        setups = [one.node for one in parent.exit.get("setUp", ())]
        is_set_once = len(flow.attribute_stores.get(path.attr.value, ())) == 1
        return (
            is_set_once
            and len(setups) == 1
            and _leaves_written(evaluator, flow.scopes.get(setups[0]), path)
        )
    test = scope.node
    if not isinstance(path, cst.Name) or not isinstance(test, cst.FunctionDef):
        return False
    if test.decorators or not test.name.value.startswith("test"):  # it may get another path
        return False
    bound = flow.bindings_of(path)
    if [one.kind for one in bound] != [BindingKind.PARAMETER] or {one.scope for one in bound} != {
        scope
    }:
        return False
    named = [
        one
        for one in flow.fixtures({path.value})
        if isinstance(one.node, cst.FunctionDef) and one.node.name.value == path.value
    ]
    results = [each.value for one in named for each in (*one.returns, *one.yields)]
    return (
        len(named) == 1
        and bool(results)
        and all(
            one is not None and _leaves_written(evaluator, named[0], _path_of(evaluator, one))
            for one in results
        )
    )


def _leaves_written(evaluator: Evaluator, scope: Scope | None, path: cst.BaseExpression) -> bool:
    """Return whether a function has always written a text to a path when it ends."""
    is_known = False
    for one, around in evaluator.dataflow.live_expressions.items():
        if isinstance(one, cst.Call) and around is scope:
            if _writes(evaluator, one, path):
                is_known |= not evaluator.dataflow.path_conditions[one]
            elif _may_change(evaluator, one, path):
                is_known = False
    return is_known


def _path_of(evaluator: Evaluator, node: cst.BaseExpression, depth: int = 0) -> cst.BaseExpression:
    """Return the expression of a path without what makes it a text, an open file or another name."""
    if isinstance(node, cst.Name):
        values = [one.value for one in evaluator.dataflow.bindings_of(node)]
        value = values[0] if len(values) == 1 and depth < _MAX_STEPS else None
        is_open = isinstance(value, cst.Call) and last_word(value.func) == "open"
        if value is None or not (is_open or isinstance(value, cst.Name)):
            return node
        return _path_of(evaluator, value, depth + 1)
    while isinstance(node, cst.Call):
        func, word = node.func, last_word(node.func)
        is_method = isinstance(func, cst.Attribute) and (
            word == "open" or (word in _LEAVING and not node.args)
        )
        if isinstance(func, cst.Attribute) and is_method and last_word(func.value) not in _MODULES:
            node = func.value
        elif node.args and (word == "open" or (word in _SAME_PATH and len(node.args) == 1)):
            node = node.args[0].value
        else:
            break
    return node


def _is_same(evaluator: Evaluator, one: cst.BaseExpression, path: cst.BaseExpression) -> bool:
    """Return whether two expressions are one path: one binding, or the same code."""
    one = _path_of(evaluator, one)
    if isinstance(one, cst.Name) and isinstance(path, cst.Name):
        bindings = evaluator.dataflow.bindings_of(one)
        return len(bindings) == 1 and bindings == evaluator.dataflow.bindings_of(path)
    bare = one.with_changes(lpar=path.lpar, rpar=path.rpar)  # parentheses are no difference
    return not isinstance(one, cst.Name) and bare.deep_equals(path)


def _writes(evaluator: Evaluator, call: cst.Call, path: cst.BaseExpression) -> bool:
    """Return whether a call writes a text of the code to a path, or makes an empty file there."""
    func = call.func
    if isinstance(func, cst.Attribute) and func.attr.value in _WRITING:
        given = positional(call)[:1] if func.attr.value != "touch" else []
        return _is_same(evaluator, func.value, path) and all(map(_is_text, given))
    return False


def _may_change(evaluator: Evaluator, call: cst.Call, path: cst.BaseExpression) -> bool:
    """Return whether a call may put something else in the place of a file."""
    func, word = call.func, last_word(call.func)
    writes = isinstance(func, cst.Attribute) and word in _WRITING
    return word not in _HARMLESS or (
        isinstance(func, cst.Attribute) and writes and _is_same(evaluator, func.value, path)
    )


def _is_text(node: cst.BaseExpression) -> bool:
    """Return whether an expression is a text of the code, perhaps repeated."""
    if isinstance(node, cst.BinaryOperation):
        return _is_text(node.left)
    return isinstance(node, (cst.SimpleString, cst.ConcatenatedString, cst.Integer))
