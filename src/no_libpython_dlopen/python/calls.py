"""The part of the evaluator that follows calls: into functions and classes of the file,
to what is known of the standard library, and from a parameter back to its call sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import libcst as cst

from no_libpython_dlopen.python import known, methods
from no_libpython_dlopen.python.bindings import Binding, Conditions, How, Returned, Scope
from no_libpython_dlopen.python.call_index import CallIndex
from no_libpython_dlopen.python.tree import descendants
from no_libpython_dlopen.python.values import (
    HOLE_VALUES,
    MAX_OPTIONS,
    PASSED,
    PROBED,
    UNKNOWN,
    Arguments,
    Bag,
    Class,
    Element,
    Frame,
    Function,
    Instance,
    Items,
    Known,
    Mapping,
    Method,
    Partial,
    Values,
    flags_of,
    items,
    of,
    union,
)

if TYPE_CHECKING:
    from no_libpython_dlopen.python.flow import Flow

_MAX_DEPTH = 8
#: More subclasses than this are not looked at for what they override.
_MAX_SUBCLASSES = 8
_IN_ORDER = frozenset({"list", "tuple", "sorted", "reversed", "set", "frozenset", "iter"})


class Calls:
    """Evaluation of calls and attributes."""

    flow: Flow
    _frames: dict[Any, Frame]
    _call_index: CallIndex

    if TYPE_CHECKING:

        def values(self, node: cst.BaseExpression, frame: Frame | None = None) -> Values: ...
        def bound(self, binding: Binding, frame: Frame | None = None) -> Values: ...
        def holds(self, conditions: Conditions, frame: Frame | None) -> bool: ...
        def iterated(self, values: Values) -> Values: ...
        def stored(self, cls: Class, name: str, frame: Frame | None) -> list[Values]: ...

    def called(self, node: cst.Call, frame: Frame | None) -> Values:
        """Return what a call gives."""
        callees = self.values(node.func, frame)
        if not callees.options:
            return UNKNOWN
        arguments = self.arguments(node, frame)
        result = union(self.invoked(callee, arguments, frame) for callee in callees.options)
        return Values(
            result.options,
            result.complete and callees.complete,
            result.flags | callees.flags & ~PROBED,
        )

    def arguments(self, node: cst.Call, frame: Frame | None = None) -> Arguments:
        """Return the values of a call's arguments."""
        positional: list[Values] = []
        keywords: list[tuple[str, Values]] = []
        complete = True
        for argument in node.args:
            values = self.values(argument.value, frame)
            option = values.options[0] if len(values.options) == 1 else None
            if argument.star == "*":
                if isinstance(option, Items):
                    positional += [element.values for element in option.elements]
                else:
                    complete = False
            elif argument.star == "**":
                if isinstance(option, Mapping) and not option.open:
                    keywords += [(str(key), element.values) for key, element in option.entries]
                else:
                    complete = False
            elif argument.keyword is not None:
                keywords.append((argument.keyword.value, values))
            else:
                positional.append(values)
        return Arguments(tuple(positional), tuple(keywords), complete)

    def invoked(self, callee: Any, arguments: Arguments, frame: Frame | None) -> Values:
        """Return what calling one alternative gives."""
        if isinstance(callee, Known):
            return self._known_call(callee.name, arguments, frame)
        if isinstance(callee, Partial):
            return self.invoked(callee.callee, arguments.after(callee.arguments), frame)
        if isinstance(callee, Function):
            return self.run(callee, arguments, None, frame)
        if isinstance(callee, Method):
            if callee.function is not None:
                return self.run(callee.function, arguments, callee.owner, frame)
            if isinstance(callee.owner, str):
                return methods.text_method(callee.owner, callee.name, arguments)
            return methods.collection_method(callee.owner, callee.name, arguments)
        if isinstance(callee, Class):
            return self._made(callee, arguments, frame)
        if isinstance(callee, Instance):
            found = self._class_attribute(callee.cls, "__call__", callee)
            return union(self.invoked(one, arguments, frame) for one in found.options)
        return UNKNOWN

    def _known_call(self, name: str, arguments: Arguments, frame: Frame | None) -> Values:
        first = arguments.get(0)
        if name == "functools.partial" and arguments.positional:
            rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.complete)
            return of(*(Partial(one, rest) for one in arguments.positional[0].options))
        if name in ("importlib.import_module", "__import__") and first is not None:
            return of(
                *(Known(one) if isinstance(one, str) else Known("?") for one in first.options)
            )
        if name in ("getattr", "operator.attrgetter") and len(arguments.positional) >= 2:
            owner, attribute = arguments.positional[:2]
            found = [
                self.attribute(o, a)
                for o in owner.options
                for a in attribute.options
                if isinstance(a, str)
            ]
            return union([*found, *arguments.positional[2:3]]) if found else UNKNOWN
        if name in _IN_ORDER and first is None and arguments.complete:
            return of(items())
        if name in _IN_ORDER and first is not None:
            kept = [o for o in first.options if isinstance(o, (Items, Bag))]
            return of(*kept) if kept else of(Bag(self.iterated(first)))
        if name == "next" and first is not None:
            default = arguments.positional[1:2]
            return union([self.iterated(first).flagged(PROBED), *default])
        if name in ("min", "max", "random.choice") and first is not None:
            several = arguments.positional
            return self.iterated(first) if len(several) == 1 else union(several)
        if name in ("bool", "any", "all") and first is not None:
            return self._true(name, first)
        if name == "dataclasses.field":
            return arguments.get(10_000, "default") or UNKNOWN
        if name == "range" and first is not None:
            return _range(arguments.positional)
        if name == "str" and first is None:
            return of("")
        if name in ("types.SimpleNamespace", "dict"):
            return of(Mapping(tuple((k, Element(None, v)) for k, v in arguments.keywords)))
        mapped = self._mapped(name, arguments, frame)
        if mapped is not None:
            return mapped
        found_values = known.call(name, arguments)
        return found_values if found_values is not None else of(Known(f"{name}()"))

    def _true(self, name: str, values: Values) -> Values:
        """Return what ``bool``, ``any`` or ``all`` gives."""
        if name != "bool":
            values = self.iterated(values)
        truths = {methods.truth_of(option) for option in values.options}
        decided = values.complete and len(truths) == 1 and None not in truths
        # Of a collection that may be empty only this much is certain.
        decided = decided and (name == "bool" or truths == {name == "all"})
        return of(*truths, flags=values.flags & ~PROBED) if decided else UNKNOWN

    def _mapped(self, name: str, arguments: Arguments, frame: Frame | None) -> Values | None:
        """Return what functions over iterables give."""
        several = arguments.positional
        if name == "map" and len(several) == 2 and len(several[1].options) == 1:
            listed = several[1].options[0]
            if isinstance(listed, Items) and several[1].complete:
                found = [
                    union(
                        self.invoked(one, Arguments((element.values,)), frame)
                        for one in several[0].options
                    )
                    for element in listed.elements
                ]
                return of(items(*found))
        if name == "map" and len(several) >= 2:
            inner = Arguments(tuple(self.iterated(one) for one in several[1:]))
            return of(Bag(union(self.invoked(one, inner, frame) for one in several[0].options)))
        if name == "filter" and len(several) == 2:
            return of(Bag(self.iterated(several[1])))
        if name in ("itertools.chain", "itertools.chain.from_iterable"):
            inner_values = union(self.iterated(one) for one in several)
            nested = self.iterated(inner_values) if name.endswith("iterable") else inner_values
            return of(Bag(nested))
        if name in ("enumerate", "zip") and several:
            paired = _paired(name, several)
            if paired is not None:
                return of(paired)
        if name == "enumerate" and several:
            return of(Bag(of(items(UNKNOWN, self.iterated(several[0])))))
        if name in ("zip", "itertools.product") and several:
            return of(Bag(of(items(*(self.iterated(one) for one in several)))))
        return None

    # Functions of the file

    def run(
        self, function: Function, arguments: Arguments, owner: Any, frame: Frame | None
    ) -> Values:
        """Return what a function of the file gives for these arguments."""
        scope = function.scope
        self.flow.ensure(scope)
        depth = frame.depth + 1 if frame is not None else 1
        if depth > _MAX_DEPTH:
            return UNKNOWN
        inner = self.frame(scope, arguments, owner, function.frame, depth)
        if scope.yields:
            found = [self._returned(one, inner) for one in scope.yields]
            return of(Bag(union(found)))
        live = [one for one in scope.returns if self.holds(one.conditions, inner)]
        found = [self._returned(one, inner) for one in live]
        if scope.falls_off:
            found.append(of(None))
        return union(found)

    def _returned(self, returned: Returned, frame: Frame) -> Values:
        if returned.value is None:
            return of(None)
        values = self.values(returned.value, frame)
        return self.iterated(values) if returned.spread else values

    def frame(
        self,
        scope: Scope,
        arguments: Arguments,
        owner: Any,
        parent: Frame | None = None,
        depth: int = 1,
    ) -> Frame:
        """Bind arguments to parameters."""
        assert isinstance(scope.node, (cst.FunctionDef, cst.Lambda))
        params = scope.node.params
        positional = list(arguments.positional)
        if owner is not None and not _is_static(scope):
            positional.insert(0, of(owner))
        given = dict(arguments.keywords)
        bound: dict[str, Values] = {}
        plain = [*params.posonly_params, *params.params]
        for index, parameter in enumerate(plain):
            name = parameter.name.value
            if index < len(positional):
                bound[name] = positional[index]
            else:
                bound[name] = self._default(parameter, given, arguments.complete)
        if isinstance(params.star_arg, cst.Param):
            rest = positional[len(plain) :]
            whole = of(items(*rest)) if arguments.complete else UNKNOWN
            bound[params.star_arg.name.value] = whole
        for parameter in params.kwonly_params:
            bound[parameter.name.value] = self._default(parameter, given, arguments.complete)
        if params.star_kwarg is not None:
            rest_entries = tuple((k, Element(None, v)) for k, v in given.items() if k not in bound)
            bound[params.star_kwarg.name.value] = of(Mapping(rest_entries, not arguments.complete))
        return self._interned(Frame(scope, bound, parent=parent, depth=depth))

    def _interned(self, frame: Frame) -> Frame:
        """Return the one frame for calls alike, so that what it evaluates is evaluated once."""
        key = (frame.scope, frame.parent, tuple(frame.parameters.values()))
        return self._frames.setdefault(key, frame)

    def _default(self, parameter: cst.Param, given: dict[str, Values], complete: bool) -> Values:
        name = parameter.name.value
        if name in given:
            return given[name]
        default = [self.values(parameter.default)] if parameter.default is not None else []
        return union([*default, *([] if complete and default else [UNKNOWN])])

    def parameter(self, binding: Binding, frame: Frame | None) -> Values:
        """Return what a parameter may be: in one call, or in all calls of the file."""
        if frame is not None and binding.name in frame.parameters:
            return frame.parameters[binding.name]
        scope = binding.scope
        owner = self._owner(scope, binding)
        if owner is not None:
            classes = [owner.cls if isinstance(owner, Instance) else owner]
            classes += self._subclasses(classes[0])
            return of(*map(Instance, classes)) if isinstance(owner, Instance) else of(*classes)
        found: list[Values] = []
        for arguments, receiver in self.call_sites(scope):
            found.append(
                self.frame(scope, arguments, receiver).parameters.get(binding.name, UNKNOWN)
            )
        if not found:
            default = [self.values(binding.value)] if binding.value is not None else []
            found = [*default, UNKNOWN]
        elif binding.value is not None:
            found.append(self.values(binding.value))
        return union(found).flagged(PASSED)

    def _owner(self, scope: Scope, binding: Binding) -> Any:
        """Return what ``self`` or ``cls`` is; ``None`` for other parameters."""
        parent = scope.parent
        node = scope.node
        if parent is None or not parent.is_class or not isinstance(node, cst.FunctionDef):
            return None
        params = [*node.params.posonly_params, *node.params.params]
        if _is_static(scope) or not params or params[0] is not binding.node:
            return None
        is_class = "classmethod" in _decorators(node) or node.name.value == "__new__"
        return Class(parent) if is_class else Instance(Class(parent))

    def _subclasses(self, cls: Class) -> list[Class]:
        """Return the classes of the file that inherit from one."""
        nodes = (node for node in self.flow.scopes if isinstance(node, cst.ClassDef) and node.bases)
        several = [Class(self.flow.scopes[node]) for node in nodes]
        return [one for one in several if one != cls and cls in self.bases(one)][:_MAX_SUBCLASSES]

    def call_sites(self, scope: Scope) -> list[tuple[Arguments, Any]]:
        """Return the arguments of every live call of a function in the file."""
        return [(arguments, receiver) for _, arguments, receiver in self.callers(scope)]

    def callers(self, scope: Scope) -> list[tuple[cst.Call, Arguments, Any]]:
        """Return every live call of a function in the file, with its arguments."""
        found: list[tuple[cst.Call, Arguments, Any]] = []
        for node in self._named_calls(scope):
            for callee in self.values(node.func).options:
                function, receiver = callee, None
                if isinstance(callee, Method):
                    function, receiver = callee.function, callee.owner
                elif isinstance(callee, Class):
                    init = self._class_attribute(callee, "__init__", Instance(callee))
                    one = init.options[0] if init.options else None
                    function = one.function if isinstance(one, Method) else None
                    receiver = Instance(callee)
                elif isinstance(callee, Known):
                    found += [(node, *one) for one in self._handed_on(callee.name, node, scope)]
                if isinstance(function, Function) and function.scope is scope:
                    found.append((node, self.arguments(node), receiver))
        return found

    def _handed_on(self, name: str, node: cst.Call, scope: Scope) -> list[tuple[Arguments, Any]]:
        """Return the calls that ``map`` and ``partial`` make of a function."""
        arguments = self.arguments(node)
        several = arguments.positional
        if not several or not any(
            isinstance(one, Function) and one.scope is scope for one in several[0].options
        ):
            return []
        if name == "map":
            return [(Arguments(tuple(self.iterated(one) for one in several[1:])), None)]
        if name == "functools.partial" or name.endswith((".submit", "()")):
            return [(Arguments(several[1:], arguments.keywords, False), None)]
        return []

    def _named_calls(self, scope: Scope) -> list[cst.Call]:
        """Return the calls that could be of a function: by its name, or handing it on."""
        node = scope.node
        name = node.name.value if isinstance(node, cst.FunctionDef) else ""
        names = {name}
        if name in ("__init__", "__new__", "__call__") and scope.parent is not None:
            owner = scope.parent.node
            names |= {owner.name.value, "cls"} if isinstance(owner, cst.ClassDef) else set()
        return self._call_index.calls(node, names)

    # Classes and attributes

    def _made(self, cls: Class, arguments: Arguments, frame: Frame | None) -> Values:
        """Return what calling a class of the file gives."""
        bases = self.bases(cls)
        depth = frame.depth + 1 if frame is not None else 1
        init = self._class_attribute(cls, "__init__", Instance(cls))
        inner: Frame | None = None
        if init.options and isinstance(init.options[0], Method) and depth <= _MAX_DEPTH:
            function = init.options[0].function
            if function is not None:
                inner = self.frame(function.scope, arguments, Instance(cls), None, depth)
        elif arguments.positional or arguments.keywords:  # a data class, or a named tuple
            fields = _fields(cls)
            given = dict(zip(fields, arguments.positional, strict=False)) | dict(arguments.keywords)
            inner = self._interned(Frame(cls.scope, given, depth=depth))
        known_base = [base for base in bases if isinstance(base, Known)]
        made = of(Instance(cls, inner))
        return union([made, of(*(Known(f"{base.name}()") for base in known_base))])

    def bases(self, cls: Class, seen: tuple[Class, ...] = ()) -> list[Any]:
        """Return a class's bases, theirs included, the nearest first."""
        found: list[Any] = []
        node = cls.scope.node
        assert isinstance(node, cst.ClassDef)
        for argument in node.bases:
            for option in self.values(argument.value).options:
                found.append(option)
                if isinstance(option, Class) and option not in (*seen, cls) and len(seen) < 8:
                    found += self.bases(option, (*seen, cls))
        return found

    def attribute(self, owner: Any, name: str) -> Values:
        """Return what ``owner.name`` may be; nothing where asking for it fails."""
        if owner is None:
            return Values()
        if isinstance(owner, Known):
            return known.constant(f"{owner.name}.{name}")
        if isinstance(owner, str):
            found = methods.text_attribute(owner, name)
            return found if found is not None else of(Method(owner, name))
        if isinstance(owner, Items):
            index = {"major": 0, "minor": 1, "micro": 2, "system": 0, "sysname": 0}.get(name)
            if index is not None and index < len(owner.elements):
                return owner.elements[index].values
            return of(Method(owner, name))
        if isinstance(owner, Mapping):
            entries = [e.values for key, e in owner.entries if key == name]
            return union(entries) if entries else of(Method(owner, name))
        if isinstance(owner, Bag):
            return of(Method(owner, name))
        if isinstance(owner, Instance):
            frame = owner.frame
            if frame is not None and frame.scope is owner.cls.scope and name in frame.parameters:
                return frame.parameters[name]
            own = self.stored(owner.cls, name, frame)
            return self._class_attribute(owner.cls, name, owner, own)
        if isinstance(owner, Class):
            return self._class_attribute(owner, name, owner, self.stored(owner, name, None))
        return UNKNOWN

    def _class_attribute(
        self, cls: Class, name: str, owner: Any, own: list[Values] | None = None
    ) -> Values:
        found = list(own or ())
        for one in (cls, *self.bases(cls)):
            if not isinstance(one, Class):
                continue
            bindings = one.scope.exit.get(name)
            if bindings:
                found += [self._of_class(binding, owner) for binding in bindings]
                break
            if one is not cls:
                found += self.stored(one, name, None)
        return union(found) if found else UNKNOWN

    def _of_class(self, binding: Binding, owner: Any) -> Values:
        if binding.how is not How.FUNCTION or not isinstance(binding.node, cst.FunctionDef):
            return self.bound(binding)
        scope = self.flow.scopes[binding.node]
        names = _decorators(binding.node)
        if "staticmethod" in names:
            return of(Function(scope))
        if "property" in names or "cached_property" in names:
            return self.run(Function(scope), Arguments(), owner, None)
        return of(Method(owner, binding.name, Function(scope)))

    def entered(self, values: Values) -> Values:
        """Return what ``with`` gives its target."""
        found = [
            option.values if isinstance(option, Bag) else of(option) for option in values.options
        ]
        return Values(union(found).options, values.complete, values.flags | flags_of(found))


def _fields(cls: Class) -> list[str]:
    """Return the names in a class body that can be fields, in their order."""
    names = [
        part.target.value
        for part in descendants(cls.scope.node)
        if isinstance(part, cst.AnnAssign) and isinstance(part.target, cst.Name)
    ]
    return names or list(cls.scope.bindings)


def _range(several: tuple[Values, ...]) -> Values:
    """Return what ``range`` gives: its numbers, if they are known and few."""
    numbers = [values.options[0] for values in several if len(values.options) == 1]
    plain = [one for one in numbers if type(one) is int]
    if len(plain) != len(several) or not 1 <= len(plain) <= 3 or 0 in plain[2:]:
        return of(Bag(HOLE_VALUES))
    found = range(*plain)
    return of(items(*map(of, found))) if len(found) <= MAX_OPTIONS else of(Bag(HOLE_VALUES))


def _paired(name: str, several: tuple[Values, ...]) -> Items | None:
    """Return what ``enumerate`` or ``zip`` gives of sequences whose items are known."""
    columns: list[list[Values]] = []
    for values in several:
        option = values.options[0] if values.complete and len(values.options) == 1 else None
        if not isinstance(option, Items):
            return None
        columns.append([element.values for element in option.elements])
    if name == "enumerate":
        columns = [[of(index) for index in range(len(columns[0]))], columns[0]]
    return items(*(of(items(*row)) for row in zip(*columns, strict=False)))


def _decorators(node: cst.FunctionDef) -> set[str]:
    """Return the last words of a function's decorators."""
    words = set()
    for decorator in node.decorators:
        called = decorator.decorator
        called = called.func if isinstance(called, cst.Call) else called
        if isinstance(called, cst.Attribute):
            words.add(called.attr.value)
        elif isinstance(called, cst.Name):
            words.add(called.value)
    return words


def _is_static(scope: Scope) -> bool:
    return isinstance(scope.node, cst.FunctionDef) and "staticmethod" in _decorators(scope.node)
