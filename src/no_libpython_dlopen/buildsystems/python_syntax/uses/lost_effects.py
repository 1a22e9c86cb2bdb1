"""What deleted code does besides the link: it binds a name, runs a function, or sets a variable."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script
from no_libpython_dlopen.knowledge.process_functions import STARTERS
from no_libpython_dlopen.python.syntax.parse import descendants, last_word
from no_libpython_dlopen.python.syntax.positions import Positions
from no_libpython_dlopen.python.vocabulary import MUTATORS

#: Why a deletion is unsafe.
_RUNS = "`{}` would no longer run"
_READ = "other code, or a program that is started, may read {}"
#: Expressions with effects of their own.
_EFFECTS = (cst.NamedExpr, cst.Await, cst.Yield)
_STARTING = STARTERS | {"subprocess"}


def lost_effects(script: Script, positions: Positions, place: cst.CSTNode) -> tuple[str, ...]:
    """Return why the deletion of an expression changes more than the link."""
    for part in descendants(place):
        if isinstance(part, _EFFECTS):
            return (_RUNS.format(positions.code(part)),)
        if isinstance(part, cst.Call) and (
            (isinstance(part.func, cst.Attribute) and part.func.attr.value in MUTATORS)
            or any(_has_effects(scope.node) for scope in script.functions(part))
        ):
            return (_RUNS.format(positions.code(part)),)
    variable = _variable_around(script, positions, place)
    return (_READ.format(variable),) if variable else ()


def _has_effects(function: cst.CSTNode) -> bool:
    """Return whether a function may do more than to compute what it returns."""
    for part in descendants(function):
        if isinstance(part, (cst.Global, cst.Nonlocal, cst.AugAssign, cst.Del, cst.Raise)):
            return True
        if isinstance(part, cst.Expr) and not isinstance(part.value, cst.SimpleString):
            return True
        if isinstance(part, cst.AssignTarget) and not isinstance(part.target, cst.Name):
            return True
    return False


def _variable_around(script: Script, positions: Positions, place: cst.CSTNode) -> str:
    """Return which variable a statement gives flags of the environment, if others may read it."""
    statement: cst.CSTNode | None = None
    sets = False
    for outer in positions.ancestors(place):
        if isinstance(outer, cst.Call):
            sets |= any(
                word in positions.code(outer.func) for word in ("environ", "putenv", "getenv")
            )
        elif isinstance(outer, cst.Assign):
            sets |= any("environ" in positions.code(one.target) for one in outer.targets)
        elif isinstance(outer, cst.AugAssign):
            sets |= "environ" in positions.code(outer.target)
        if isinstance(outer, cst.BaseSmallStatement):
            statement = outer
            break
    if not sets or statement is None:
        return ""
    for binding in script.flow.binding_log:
        if binding.node is statement and not script.passed.issuperset(binding.readers):
            return f"`{binding.name}`"
    names = {*_possible_variables(statement)}
    own = positions.span(statement)
    for one in positions.nodes(cst.SimpleString):
        if one.evaluated_value in names and not own[0] <= positions.span(one)[0] < own[1]:
            return f"`{one.evaluated_value}`"
    starts = any(last_word(one.func) in _STARTING for one in positions.nodes(cst.Call))
    return "the environment" if starts else ""


def _possible_variables(node: cst.CSTNode) -> Iterator[str]:
    """Yield possible names of variables in a statement: texts that are identifiers, and keywords."""
    for part in descendants(node):
        if isinstance(part, cst.SimpleString) and str(part.evaluated_value).isidentifier():
            yield str(part.evaluated_value)
        elif isinstance(part, cst.Arg) and part.keyword is not None:
            yield part.keyword.value
