"""The values that test runners give the parameters of tests and fixtures.

They are those of pytest, ``parameterized``, ``ddt`` and ``absl.testing``.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Scope
from no_libpython_dlopen.python.evaluator import call_contexts, classes
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    UNKNOWN,
    AbstractValue,
    Arguments,
    Bag,
    Class,
    Context,
    Element,
    Function,
    Items,
    Mapping,
    items,
    iterate,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.models.containers import item_of
from no_libpython_dlopen.python.evaluator.other_modules import ImportedObject
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import parameters

_PARAMETRIZE = "pytest.mark.parametrize"
#: Decorators that are given rows of arguments: as a list, or each row for itself.
_LISTED = frozenset({"parameterized.parameterized", "parameterized.parameterized.expand"})
_EACH = frozenset({"absl.testing.parameterized.parameters", "ddt.data"})
_NAMED = "absl.testing.parameterized.named_parameters"
_UNPACK = "ddt.unpack"


def values_of(evaluator: Evaluator, binding: Binding) -> list[AbstractValue]:
    """Return the values that a test runner gives a parameter: of a mark, or of a fixture."""
    node, parent = binding.scope.node, binding.scope.parent
    if not isinstance(node, cst.FunctionDef) or parent is None:
        return []
    found = [one for mark in node.decorators for one in _values_of_mark(evaluator, mark, binding)]
    if found:
        return found
    is_fixture = evaluator.dataflow.is_fixture(node)
    if binding.name == "request" and is_fixture:
        return [_request(evaluator, node)]
    is_run = is_fixture or node.name.value.startswith("test")
    fixture = _known_fixture(evaluator, parent, binding.name, node, is_run=is_run)
    return [fixture] if fixture is not None else []


def requested_fixture(evaluator: Evaluator, node: cst.Call, context: Context) -> AbstractValue:
    """Return the value of ``request.getfixturevalue(name)``."""
    scope = evaluator.dataflow.live_expressions.get(node)
    parent = scope.parent if scope is not None else None
    given = call_contexts.evaluate_arguments(evaluator, node, context).get(0, "argname")
    if scope is None or parent is None or given is None:
        return UNKNOWN
    names = [one for one in given.alternatives if isinstance(one, str)]
    several = (_known_fixture(evaluator, parent, one, scope.node, is_run=True) for one in names)
    return union(one if one is not None else UNKNOWN for one in several).part_of(given)


def _known_fixture(
    evaluator: Evaluator, parent: Scope, name: str, but: cst.CSTNode, *, is_run: bool
) -> AbstractValue | None:
    """Return the value of a fixture that a function of a scope may ask for; ``None`` for none.

    ``is_run``: those of a ``conftest.py`` as well.
    """
    bases = classes.bases_of(evaluator, Class(parent)) if parent.is_class else []
    inherited = [one.scope for one in bases if isinstance(one, Class)]
    for owner in dict.fromkeys((parent, *inherited, parent.module)):
        found = fixture_value(evaluator, owner, name, but=but)
        if found is not None:
            return found
    return evaluator.imports.fixture(name) if is_run and evaluator.imports is not None else None


def _values_of_mark(
    evaluator: Evaluator, mark: cst.Decorator, binding: Binding
) -> list[AbstractValue]:
    """Return the values that one decorator gives a parameter."""
    node = mark.decorator
    name = evaluator.qualified_name(node.func) if isinstance(node, cst.Call) else ""
    if not isinstance(node, cst.Call) or name not in {_PARAMETRIZE, _NAMED} | _LISTED | _EACH:
        return []
    given, index = call_contexts.evaluate_arguments(evaluator, node), _index_of(binding)
    if name == _PARAMETRIZE:
        return [] if _is_indirect(given, binding.name) else _values_by_name(given, binding.name)
    if index < 0:
        return []
    if name in _LISTED:
        return _values_by_index(given.get(0, "input"), index)
    only = given.positional[0].only if len(given.positional) == 1 else None
    is_list = isinstance(only, Items) and any(
        isinstance(one.values.only, Items) for one in only.elements
    )
    rows = one_of(only if is_list else items(*given.positional))
    if name.startswith("ddt.") and not _is_unpacked(evaluator, binding.scope.node):
        return [iterate(rows).with_labels(FROM_CANDIDATES)] if index == 0 else []
    return _values_by_index(rows, index + (name == _NAMED))  # behind the test's own name


def _is_unpacked(evaluator: Evaluator, node: cst.CSTNode) -> bool:
    decorators = node.decorators if isinstance(node, cst.FunctionDef) else ()
    return any(evaluator.qualified_name(one.decorator) == _UNPACK for one in decorators)


def fixture_value(
    evaluator: Evaluator, owner: Scope, name: str, but: cst.CSTNode | None = None
) -> AbstractValue | None:
    """Return the value of a fixture of a module or a class; ``None`` if there is none."""
    found = []
    for node in _fixtures(evaluator, owner).get(name, ()):
        if node is not but:
            function = Function(evaluator.dataflow.scopes[node])
            given = Arguments(keywords=tuple(_fixture_arguments(evaluator, function.scope)))
            made = evaluator.call(one_of(function), given, None)
            bags = (each.values for each in made.alternatives if isinstance(each, Bag))
            found.append(union([made, *bags]))
    for binding in owner.exit.get(name, ()):
        if binding.kind is BindingKind.IMPORTED:
            for one in evaluator.binding_value(binding).alternatives:
                made_there = (
                    one.module.fixture(binding.qualified.rpartition(".")[2])
                    if isinstance(one, ImportedObject)
                    else None
                )
                found += [made_there] if made_there is not None else []
    return union(found) if found else None


def _fixtures(evaluator: Evaluator, owner: Scope) -> dict[str, list[cst.FunctionDef]]:
    """Return the fixtures that a module or a class defines, by their names."""
    found = evaluator.indexes.get(owner)
    if found is not None:
        return found
    found = evaluator.indexes[owner] = {}
    for one in [each for bindings in owner.exit.values() for each in bindings]:
        node = one.node
        if isinstance(node, cst.FunctionDef) and evaluator.dataflow.is_fixture(node):
            given = _fixture_mark(evaluator, node).keyword("name")
            name = given.only if given is not None and given.only else one.name
            found.setdefault(name, []).append(node)
    return found


def _fixture_mark(evaluator: Evaluator, node: cst.FunctionDef) -> Arguments:
    """Return the arguments of the decorator that makes a function a fixture."""
    marks = [one.decorator for one in node.decorators if isinstance(one.decorator, cst.Call)]
    several = [one for one in marks if evaluator.qualified_name(one.func).endswith(".fixture")]
    return call_contexts.evaluate_arguments(evaluator, several[0]) if several else Arguments()


def _fixture_arguments(evaluator: Evaluator, scope: Scope) -> Iterator[tuple[str, AbstractValue]]:
    """Yield the arguments that pytest gives a fixture: other fixtures."""
    evaluator.dataflow.walk_function(scope)
    assert isinstance(scope.node, cst.FunctionDef)
    for one in parameters(scope.node.params):
        name = one.name.value
        binding = evaluator.dataflow.binding_at(one, name, BindingKind.PARAMETER)
        if binding is not None and name != "self":
            yield name, evaluator.binding_value(binding)


def _request(evaluator: Evaluator, node: cst.FunctionDef) -> AbstractValue:
    """Return the ``request`` of a fixture, with the parameters that it is made for."""
    mark = _fixture_mark(evaluator, node)
    params, name = mark.keyword("params"), mark.keyword("name")
    own = name.only if name is not None and isinstance(name.only, str) else node.name.value
    several = [_each_alone(params)] if params is not None else []
    for call in evaluator.call_graph.calls(node, {"parametrize"}):
        given = call_contexts.evaluate_arguments(evaluator, call)
        if _is_indirect(given, own):
            several += _values_by_name(given, own)
    value = union(several).with_labels(FROM_CANDIDATES) if several else UNKNOWN
    return one_of(Mapping((("param", Element(None, value)),), open=True))


def _each_alone(rows: AbstractValue) -> AbstractValue:
    """Return each value of ``params=``, of ``pytest.param(value)`` the one inside."""
    several = iterate(rows)
    inner = [
        one.elements[0].values if isinstance(one, Items) and len(one.elements) == 1 else one_of(one)
        for one in several.alternatives
    ]
    return union(inner).part_of(several)


def _is_indirect(given: Arguments, name: str) -> bool:
    """Return whether a mark gives a parameter's values to the fixture of its name."""
    indirect = given.get(2, "indirect")
    if indirect is None or name not in _listed_names(given):
        return False
    return indirect.only is True or name in iterate(indirect).alternatives


def _listed_names(given: Arguments) -> list[str]:
    """Return the names that ``pytest.mark.parametrize`` gives values."""
    names = given.get(0, "argnames") or UNKNOWN
    listed = iterate(names) if isinstance(names.only, Items) else names
    texts = [one for one in listed.alternatives if isinstance(one, str)]
    return [part.strip() for one in texts for part in one.split(",")]


def _values_by_name(given: Arguments, name: str) -> list[AbstractValue]:
    """Return the values that the rows of ``pytest.mark.parametrize`` give one of its names."""
    several, rows = _listed_names(given), given.get(1, "argvalues")
    if name not in several or rows is None:
        return []
    if len(several) == 1:
        return [_each_alone(rows).with_labels(FROM_CANDIDATES)]
    return _values_by_index(rows, several.index(name))


def _values_by_index(rows: AbstractValue | None, index: int) -> list[AbstractValue]:
    """Return the values at a position of rows of arguments; a text is a row of its own."""
    each = iterate(rows) if rows is not None else UNKNOWN
    picked = [
        item_of(one, index) if isinstance(one, Items) else one_of(one)
        for one in each.alternatives
        if isinstance(one, Items) or index == 0
    ]
    return [union(picked).part_of(each).with_labels(FROM_CANDIDATES)] if picked else []


def _index_of(binding: Binding) -> int:
    """Return a parameter's position among those that a runner gives; negative for none."""
    node, parent = binding.scope.node, binding.scope.parent
    assert isinstance(node, cst.FunctionDef)
    names = [one.name.value for one in (*node.params.posonly_params, *node.params.params)]
    if parent is not None and parent.is_class and not call_contexts.is_static(binding.scope):
        names = names[1:]
    return names.index(binding.name) if binding.name in names else -1
