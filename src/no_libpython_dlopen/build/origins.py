"""Follows what reaches a list of libraries or flags back to where it is written.

Build files in Python's syntax (``setup.py``, SCons, Bazel) make such lists in many
steps: names, ``+=``, ``append``, helpers, dictionaries given as ``**kwargs``, attributes.
The evaluator of ``python`` says what an expression is worth; here the expressions
themselves are looked for, since only they can be shown and edited. A list that grows in
place is one *place*, however many names lead to it, and all that is put there counts.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

import libcst as cst

from no_libpython_dlopen.names import HOLE
from no_libpython_dlopen.python.bindings import Binding, How, Scope
from no_libpython_dlopen.python.evaluate import Evaluator
from no_libpython_dlopen.python.flow import parameters
from no_libpython_dlopen.python.tree import descendants
from no_libpython_dlopen.python.values import (
    Class,
    Function,
    Instance,
    Items,
    Known,
    Mapping,
    Method,
    Values,
)


class Shape(Enum):
    """What an expression is: a list of words, one word, or a text that is split into words."""

    LIST = "list"
    ITEM = "item"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Growth:
    """A statement that puts something into what ``base`` holds."""

    base: cst.BaseExpression
    value: cst.BaseExpression
    #: ``append`` and the like give one item, ``extend`` and ``+=`` a list or a text.
    single: bool
    #: The key of ``base[key] = value``; ``update`` has none and gives a dictionary.
    key: str | None = None
    mapping: bool = False


#: A longer name is no module's.
_MAX_SHOWN = 100
_SINGLE = frozenset({"append", "insert", "add", "appendleft"})
_SEVERAL = frozenset({"extend", "update", "extendleft"})
_TAKES = frozenset({"remove", "discard"})
#: Calls that give their argument's items again.
_SAME_LIST = frozenset(
    {"list", "tuple", "sorted", "reversed", "set", "frozenset", "copy.copy", "copy.deepcopy"}
    | {"itertools.chain", "itertools.chain.from_iterable", "dict.fromkeys"}
    | {"collections.OrderedDict.fromkeys", "depset", "typing.cast", "numpy.unique", "iter"}
)
_SPLITS = frozenset({"shlex.split", "distutils.util.split_quoted", "Split", "SCons.Script.Split"})
_SAME_TEXT = frozenset({"strip", "decode", "rstrip", "lstrip", "encode", "replace", "expandtabs"})
_ITEMS = (cst.List, cst.Tuple, cst.Set)
_COMPREHENSIONS = (cst.ListComp, cst.GeneratorExp, cst.SetComp)


class Tracer:
    """What all traces of one module share: its growths, its calls, and who was followed."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.flow = evaluator.flow
        #: Names and calls that a trace went through.
        self.passed: set[cst.CSTNode] = set()
        self.growths = list(self._growths())
        #: ``names.remove("x")``: what is taken from where.
        self.removals = [
            (node.func.value, node.args[0].value)
            for node in self.flow.candidates
            if isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value in _TAKES
            and node.args
        ]
        self._calls: dict[Scope, list[cst.Call]] | None = None
        self._busy: set[cst.CSTNode] = set()

    def live(self, node: cst.CSTNode) -> bool:
        """Tell whether code that starts with this expression runs on plain Unix."""
        while isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
            node = node.func if isinstance(node, cst.Call) else node.value
        if isinstance(node, cst.Name):
            return node in self.flow.uses or node in self.flow.free
        return True

    def _growths(self) -> Iterator[Growth]:
        for node in descendants(self.flow.module):
            if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
                name, base = node.func.attr.value, node.func.value
                if name not in _SINGLE | _SEVERAL or not node.args or not self.live(base):
                    continue
                for argument in node.args[-1:] if name != "update" else node.args:
                    if argument.keyword is not None:
                        word = argument.keyword.value
                        yield Growth(base, argument.value, single=False, key=word)
                    else:
                        yield Growth(base, argument.value, name in _SINGLE, None, name == "update")
            elif isinstance(node, cst.AugAssign) and self.live(node.target):
                bitor = isinstance(node.operator, cst.BitOrAssign)
                if isinstance(node.operator, cst.AddAssign) or bitor:
                    yield Growth(node.target, node.value, single=False, mapping=bitor)
            elif isinstance(node, cst.Assign):
                for target in node.targets:
                    at = target.target
                    if isinstance(at, cst.Subscript) and self.live(at.value):
                        key = self.key(at)
                        if key is not None:
                            yield Growth(at.value, node.value, single=False, key=key)

    def key(self, node: cst.Subscript) -> str | None:
        """Return the text between the brackets; ``None`` if it is not one text."""
        part = node.slice[0].slice
        if len(node.slice) != 1 or not isinstance(part, cst.Index):
            return None
        return self.text(part.value)

    def keys(self, node: cst.Subscript) -> list[str]:
        """Return the texts that may stand between the brackets, none if there may be others."""
        part = node.slice[0].slice
        if len(node.slice) != 1 or not isinstance(part, cst.Index):
            return []
        values = self.evaluator.values(part.value)
        found = [one for one in values.options if isinstance(one, str)]
        return found if values.complete and len(found) == len(values.options) else []

    def text(self, node: cst.BaseExpression) -> str | None:
        """Return an expression's only value, if it is a text."""
        values = self.evaluator.values(node)
        only = values.options[0] if len(values.options) == 1 and values.complete else None
        return only if isinstance(only, str) else None

    def texts(self, node: cst.BaseExpression) -> list[str]:
        """Return the texts that an expression may be, unknown parts as holes."""
        return [one for one in self.evaluator.values(node).options if isinstance(one, str)]

    def shown(self, node: cst.BaseExpression) -> str:
        """Return an expression's text where it is known as a whole, empty elsewhere."""
        text = self.text(node) or ""
        return text if HOLE not in text and len(text) < _MAX_SHOWN else ""

    def bindings(self, name: cst.Name) -> set[Binding]:
        """Return what a name may mean, with all that those bindings build on."""
        found = self.flow.uses.get(name)
        if found is None:
            scope = self.flow.free.get(name)
            found = scope.lookup(name.value) if scope is not None else frozenset()
        result: set[Binding] = set()
        waiting = list(found)
        while waiting:
            binding = waiting.pop()
            if binding not in result:
                result.add(binding)
                waiting.extend(binding.before)
        return result

    def functions(self, call: cst.Call) -> list[Scope]:
        """Return the functions of the file that a call may run."""
        found = []
        for callee in self.evaluator.values(call.func).options:
            function = callee.function if isinstance(callee, Method) else callee
            if isinstance(function, Function):
                found.append(function.scope)
        return found

    def known(self, call: cst.Call) -> set[str]:
        """Return the qualified names of what a call may run outside of the file."""
        options = self.evaluator.values(call.func).options
        found = {one.name for one in options if isinstance(one, Known)}
        return found or {self.unbound(call.func)}

    def unbound(self, node: cst.BaseExpression) -> str:
        """Return a dotted name that nothing in the file binds: a star import's, or the language's."""
        if isinstance(node, cst.Attribute):
            owner = self.unbound(node.value)
            return f"{owner}.{node.attr.value}" if owner else ""
        if isinstance(node, cst.Name) and node in self.flow.free and not self.bindings(node):
            return node.value
        return ""

    def calls(self, scope: Scope) -> list[cst.Call]:
        """Return the live calls of a function of the file."""
        if self._calls is None:
            self._calls = {}
            for node in self.flow.candidates:
                if isinstance(node, cst.Call):
                    for one in self.functions(node):
                        self._calls.setdefault(one, []).append(node)
        return self._calls.get(scope, [])

    def given(self, binding: Binding) -> Iterator[cst.BaseExpression]:
        """Yield what the calls in the file, and the default, give a parameter."""
        node = binding.scope.node
        if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
            return
        if binding.value is not None:
            yield binding.value
        plain = [one.name.value for one in (*node.params.posonly_params, *node.params.params)]
        star = node.params.star_arg
        bound = isinstance(node, cst.FunctionDef) and plain[:1] in (["self"], ["cls"])
        for call in self.calls(binding.scope):
            if binding.name in plain:
                index = plain.index(binding.name) - bound
                positional = [one for one in call.args if one.keyword is None]
                if 0 <= index < len(positional) and not any(
                    a.star for a in positional[: index + 1]
                ):
                    yield positional[index].value
            elif isinstance(star, cst.Param) and star.name.value == binding.name:
                rest = [a for a in call.args if a.keyword is None][len(plain) - bound :]
                yield from (argument.value for argument in rest)
            for argument in call.args:
                if argument.keyword is not None and argument.keyword.value == binding.name:
                    yield argument.value

    def stored(self, node: cst.Attribute) -> Iterator[cst.BaseExpression]:
        """Yield what is assigned to an attribute of this name, of the same class if it is known."""
        name, flow = node.attr.value, self.flow
        owner = self._classes(node.value)
        for base, binding in flow.stores.get(name, ()):
            other = self._classes(base)
            if (
                binding.value is not None
                and not binding.path
                and not (owner and other and not owner & other)
            ):
                yield binding.value
        for scope in list(flow.scopes.values()):
            if scope.is_class and (not owner or scope in owner):
                for binding in scope.bindings.get(name, ()):
                    if binding.how is How.VALUE and binding.value is not None:
                        yield binding.value

    def _classes(self, node: cst.BaseExpression) -> set[Scope]:
        evaluator = self.evaluator
        found: set[Scope] = set()
        for option in evaluator.values(node).options:
            cls = option.cls if isinstance(option, Instance) else option
            if isinstance(cls, Class):
                bases = [one for one in evaluator.bases(cls) if isinstance(one, Class)]
                found |= {cls.scope, *(one.scope for one in bases)}
        return found

    def places(self, node: cst.BaseExpression) -> frozenset[Hashable]:
        """Return the places whose content an expression may be."""
        if node in self._busy:
            return frozenset()
        self._busy.add(node)
        try:
            return frozenset(self._places(node))
        finally:
            self._busy.discard(node)

    def _places(self, node: cst.BaseExpression) -> Iterator[Hashable]:
        if isinstance(node, cst.Name):
            for binding in self.bindings(node):
                yield binding
                if binding.how is How.PARAMETER:
                    for value in self.given(binding):
                        yield from self.places(value)
                elif binding.how is How.VALUE and isinstance(
                    binding.value, (cst.Name, cst.Attribute)
                ):
                    yield from self.places(binding.value)
        elif isinstance(node, cst.Attribute):
            yield ("attribute", node.attr.value)
        elif isinstance(node, cst.Subscript):
            key = self.key(node)
            if key is not None:
                yield from ((place, key) for place in self.places(node.value))
        elif (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value in ("setdefault", "get")
            and node.args
        ):
            key = self.text(node.args[0].value)
            yield from ((place, key) for place in self.places(node.func.value))


@dataclass(slots=True)
class Trace:
    """The items that may reach one list, as expressions.

    ``items`` holds words and texts; ``places`` the lists and dictionaries on the way.
    """

    tracer: Tracer
    items: dict[cst.BaseExpression, Shape] = field(default_factory=dict)
    places: dict[Hashable, Shape] = field(default_factory=dict)
    #: Dictionaries on the way, each with the keys that are looked up in it.
    mappings: dict[Hashable, set[tuple[str, Shape]]] = field(default_factory=dict)
    _seen: set[tuple[cst.CSTNode, Shape, str]] = field(default_factory=set)
    _grown: set[tuple[int, Hashable]] = field(default_factory=set)

    def run(self, node: cst.BaseExpression, shape: Shape) -> None:
        """Follow an expression, and then whatever is put into the places it leads to."""
        self.follow(node, shape)
        while self._grow():
            pass

    def run_entry(self, node: cst.BaseExpression, key: str, shape: Shape) -> None:
        """Follow what a dictionary holds under a key."""
        self.entry(node, key, shape)
        while self._grow():
            pass

    @property
    def removed(self) -> set[str]:
        """The texts that are taken out of one of the places again."""
        return {
            self.tracer.text(value) or ""
            for base, value in self.tracer.removals
            if self.tracer.places(base) & self.places.keys()
        }

    def _grow(self) -> bool:
        more = False
        for index, growth in enumerate(self.tracer.growths):
            reached = self.tracer.places(growth.base)
            for place in reached:
                if (index, place) in self._grown:
                    continue
                if (
                    place in self.places
                    and growth.key is None
                    and not (growth.mapping and place in self.mappings)
                ):
                    self._grown.add((index, place))
                    shape = Shape.ITEM if growth.single else self.places[place]
                    self._pass(growth.base)
                    self.follow(growth.value, shape)
                    more = True
                for key, shape in list(self.mappings.get(place, ())):
                    mark = (index, (place, key))
                    if mark in self._grown or (growth.key is not None and growth.key != key):
                        continue
                    self._grown.add(mark)
                    self._pass(growth.base)
                    if growth.key is not None:
                        self.follow(growth.value, shape)
                    elif growth.mapping:
                        self.entry(growth.value, key, shape)
                    more = True
        return more

    def _pass(self, node: cst.CSTNode) -> None:
        while isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
            node = node.func if isinstance(node, cst.Call) else node.value
        self.tracer.passed.add(node)

    def follow(self, node: cst.BaseExpression, shape: Shape) -> None:
        """Note the items that an expression gives."""
        if (node, shape, "") in self._seen:
            return
        self._seen.add((node, shape, ""))
        if shape is Shape.ITEM:
            self.items.setdefault(node, shape)
            return
        if isinstance(node, cst.IfExp):
            for branch in self._live(node):
                self.follow(branch, shape)
        elif isinstance(node, cst.BooleanOperation):
            for part in (node.left, node.right):
                if self.tracer.evaluator.guard(part) is None:
                    self.follow(part, shape)
        elif isinstance(node, cst.NamedExpr):
            self.follow(node.value, shape)
        elif isinstance(node, cst.Name):
            self._name(node, shape)
        elif isinstance(node, cst.Attribute):
            self._attribute(node, shape)
        elif isinstance(node, cst.Call):
            self._call(node, shape)
        elif isinstance(node, cst.Subscript):
            self._subscript(node, shape)
        elif shape is Shape.TEXT and not isinstance(node, _ITEMS):
            self._text(node)
        else:
            self._list(node)

    def _live(self, node: cst.IfExp) -> Iterator[cst.BaseExpression]:
        truth = self.tracer.evaluator.guard(node.test)
        if truth is not False:
            yield node.body
        if truth is not True:
            yield node.orelse

    def _list(self, node: cst.BaseExpression) -> None:
        if isinstance(node, _ITEMS):
            for element in node.elements:
                starred = isinstance(element, cst.StarredElement)
                self.follow(element.value, Shape.LIST if starred else Shape.ITEM)
        elif isinstance(node, cst.BinaryOperation):
            self.follow(node.left, Shape.LIST)
            self.follow(node.right, Shape.LIST)
        elif isinstance(node, _COMPREHENSIONS):
            clause = node.for_in
            same = isinstance(node.elt, cst.Name) and isinstance(clause.target, cst.Name)
            plain = all(isinstance(one.test, cst.Name) for one in clause.ifs)
            if not plain or clause.inner_for_in is not None:
                return  # what a condition lets through is not known
            if same and node.elt.value == clause.target.value:  # type: ignore[attr-defined]
                self.follow(clause.iter, Shape.LIST)
            else:
                self.follow(node.elt, Shape.ITEM)

    def _text(self, node: cst.BaseExpression) -> None:
        """A text is an item as a whole, and so are the named parts that it is put together of."""
        self.items.setdefault(node, Shape.TEXT)
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
            for part in (node.left, node.right):
                if not isinstance(part, (cst.SimpleString, cst.ConcatenatedString)):
                    self.follow(part, Shape.TEXT)

    def _name(self, node: cst.Name, shape: Shape) -> None:
        self.tracer.passed.add(node)
        for binding in self.tracer.bindings(node):
            self.places.setdefault(binding, shape)
            if binding.how is How.PARAMETER:
                for value in self.tracer.given(binding):
                    self.follow(value, shape)
            elif binding.value is None:
                continue
            elif binding.how in (How.VALUE, How.AUGMENTED) and not binding.path:
                self.follow(binding.value, shape)
            elif binding.how in (How.VALUE, How.ELEMENT):
                self._evaluated(node)

    def _attribute(self, node: cst.Attribute, shape: Shape) -> None:
        if shape is Shape.TEXT and node.attr.value in ("stdout", "output"):
            self.follow(node.value, shape)
            return
        name = node.attr.value
        self.places.setdefault(("attribute", name), shape)
        for value in self.tracer.stored(node):
            self.follow(value, shape)
        self._evaluated(node)

    def _call(self, node: cst.Call, shape: Shape) -> None:
        self.tracer.passed.add(node)
        functions = self.tracer.functions(node)
        for scope in functions:
            for returned in scope.returns:
                if returned.value is not None:
                    self.follow(returned.value, shape)
            for one in scope.yields:
                if one.value is not None:
                    self.follow(one.value, Shape.LIST if one.spread else Shape.ITEM)
        names = self.tracer.known(node)
        arguments = [one.value for one in node.args]
        if functions:
            return
        if names & _SAME_LIST:
            for argument in arguments:
                self.follow(argument, shape)
        elif "filter" in names and len(arguments) > 1 and self._is_none(arguments[0]):
            self.follow(arguments[1], shape)
        elif names & {"select", "native.select"}:
            for value in self._selected(arguments[:1]):
                self.follow(value, shape)
        elif names & _SPLITS and arguments:
            self.follow(arguments[0], Shape.TEXT)
        elif names & {"str", "os.fsdecode"} and arguments:
            self.follow(arguments[0], shape)
        elif names & {"os.environ.get", "os.getenv"} and len(arguments) > 1:
            self.follow(arguments[1], shape)
        elif isinstance(node.func, cst.Attribute):
            self._method(node, node.func, shape)
        elif shape is Shape.TEXT:
            self.items.setdefault(node, shape)

    @staticmethod
    def _is_none(node: cst.BaseExpression) -> bool:
        return isinstance(node, cst.Name) and node.value in ("None", "bool")

    def _selected(self, arguments: list[cst.BaseExpression]) -> Iterator[cst.BaseExpression]:
        """Yield what Bazel's ``select`` gives on plain Unix."""
        for argument in arguments:
            if isinstance(argument, cst.Dict):
                for element in argument.elements:
                    if isinstance(element, cst.DictElement):
                        condition = (self.tracer.text(element.key) or "").lower()
                        if not any(word in condition for word in _FOREIGN_CONDITIONS):
                            yield element.value

    def _method(self, node: cst.Call, func: cst.Attribute, shape: Shape) -> None:
        name = func.attr.value
        if name in ("split", "rsplit", "splitlines"):
            self.follow(func.value, Shape.TEXT)
        elif name == "join" and node.args and shape is Shape.TEXT:
            self.follow(node.args[0].value, Shape.LIST)
        elif name in _SAME_TEXT and shape is Shape.TEXT:
            self.follow(func.value, shape)
            self.items.setdefault(node, shape)
        elif name == "copy":
            self.follow(func.value, shape)
        elif name in ("get", "pop", "setdefault") and node.args:
            keys = self.tracer.evaluator.values(node.args[0].value).options
            for key in keys:
                if isinstance(key, str):
                    self.entry(func.value, key, shape)
            for default in node.args[1:2]:
                self.follow(default.value, shape)
        else:
            self._evaluated(node)
            if shape is Shape.TEXT:
                self.items.setdefault(node, shape)

    def _subscript(self, node: cst.Subscript, shape: Shape) -> None:
        part = node.slice[0].slice
        if isinstance(part, cst.Slice):
            self.follow(node.value, shape)
            return
        keys = self.tracer.keys(node)
        for key in keys:
            self.entry(node.value, key, shape)
        if not keys and shape is Shape.TEXT and isinstance(node.value, cst.Call):
            self.follow(node.value, shape)  # Popen(...).communicate()[0]
        self._evaluated(node)
        if shape is Shape.TEXT:
            self.items.setdefault(node, shape)

    def _evaluated(self, node: cst.BaseExpression) -> None:
        """Note the items that the evaluator sees in a list."""
        self._in_lists(self.tracer.evaluator.values(node))

    def _in_lists(self, values: Values) -> None:
        for option in values.options:
            if isinstance(option, Items):
                for element in option.elements:
                    if isinstance(element.node, cst.BaseExpression):
                        self.follow(element.node, Shape.ITEM)

    # Dictionaries

    def entry(self, node: cst.BaseExpression, key: str, shape: Shape) -> None:
        """Follow what a dictionary holds under a key."""
        if (node, shape, key) in self._seen:
            return
        self._seen.add((node, shape, key))
        if isinstance(node, cst.Dict):
            for element in node.elements:
                if not isinstance(element, cst.DictElement):
                    self.entry(element.value, key, shape)
                elif self.tracer.text(element.key) == key:
                    self.follow(element.value, shape)
        elif isinstance(node, cst.Name):
            self.tracer.passed.add(node)
            for binding in self.tracer.bindings(node):
                self._in(binding, key, shape)
                values: Iterable[cst.BaseExpression] = ()
                if binding.how is How.PARAMETER:
                    values = self._keywords(binding, key, shape)
                elif binding.how is How.VALUE and binding.value is not None and not binding.path:
                    values = [binding.value]
                elif binding.how in (How.VALUE, How.ELEMENT):
                    self._looked_up(node, key, shape)
                for value in values:
                    self.entry(value, key, shape)
        elif isinstance(node, cst.Attribute):
            self._in(("attribute", node.attr.value), key, shape)
            for value in self.tracer.stored(node):
                self.entry(value, key, shape)
        elif isinstance(node, cst.IfExp):
            for branch in self._live(node):
                self.entry(branch, key, shape)
        elif isinstance(node, (cst.BooleanOperation, cst.BinaryOperation)):
            self.entry(node.left, key, shape)
            self.entry(node.right, key, shape)
        elif isinstance(node, cst.Call):
            self._made(node, key, shape)
        else:
            self._pass(node)
            for place in self.tracer.places(node):
                self._in(place, key, shape)
            self._looked_up(node, key, shape)

    def _in(self, place: Hashable, key: str, shape: Shape) -> None:
        self.places.setdefault((place, key), shape)
        self.mappings.setdefault(place, set()).add((key, shape))

    def _keywords(self, binding: Binding, key: str, shape: Shape) -> list[cst.BaseExpression]:
        """Follow what calls give ``**kwargs`` under a key; return dictionaries given whole."""
        node = binding.scope.node
        assert isinstance(node, (cst.FunctionDef, cst.Lambda))
        star = node.params.star_kwarg
        if star is None or star.name.value != binding.name:
            return list(self.tracer.given(binding))
        own = {parameter.name.value for parameter in parameters(node.params)}
        whole = []
        for call in self.tracer.calls(binding.scope):
            for argument in call.args:
                if argument.star == "**":
                    whole.append(argument.value)
                elif key not in own and (
                    argument.keyword is not None and argument.keyword.value == key
                ):
                    self.follow(argument.value, shape)
        return whole

    def _made(self, node: cst.Call, key: str, shape: Shape) -> None:
        self.tracer.passed.add(node)
        for scope in self.tracer.functions(node):
            for returned in scope.returns:
                if returned.value is not None:
                    self.entry(returned.value, key, shape)
        names = self.tracer.known(node)
        if names & {"dict", "collections.OrderedDict", "copy.copy", "copy.deepcopy", "struct"}:
            for argument in node.args:
                if argument.keyword is None:
                    self.entry(argument.value, key, shape)
                elif argument.keyword.value == key:
                    self.follow(argument.value, shape)
        elif isinstance(node.func, cst.Attribute) and node.func.attr.value == "copy":
            self.entry(node.func.value, key, shape)
        else:
            self._looked_up(node, key, shape)

    def _looked_up(self, node: cst.BaseExpression, key: str, shape: Shape) -> None:
        for option in self.tracer.evaluator.values(node).options:
            if isinstance(option, Mapping):
                for name, element in option.entries:
                    if name == key and isinstance(element.node, cst.BaseExpression):
                        self.follow(element.node, shape)
                    elif name == key:
                        self._in_lists(element.values)


#: Words in the conditions of ``select`` that plain Unix never meets.
_FOREIGN_CONDITIONS = ("windows", "msvc", "mingw", "cygwin", "android", "x64_win", "win32")
