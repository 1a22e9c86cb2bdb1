"""Follows what reaches a list of libraries or flags back to where it is written.

Build files in Python's syntax make such lists in many steps: names, ``+=``, ``append``,
helpers, dictionaries given as ``**kwargs``, attributes. The evaluator of ``python`` gives the
abstract value of an expression; here the expressions themselves are looked for, since only they
can be shown and edited. All that is put into a list counts, however many names lead to it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

import libcst as cst

from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script
from no_libpython_dlopen.buildsystems.python_syntax.sinks import Shape
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.evaluator.abstract_values import Mapping
from no_libpython_dlopen.python.library_loads import note_cuts
from no_libpython_dlopen.python.syntax.parse import last_word, parameters

#: Calls that give their argument's items again.
_SAME_LIST = frozenset(
    {"list", "tuple", "sorted", "reversed", "set", "frozenset", "copy.copy", "copy.deepcopy"}
    | {"itertools.chain", "itertools.chain.from_iterable", "dict.fromkeys"}
    | {"collections.OrderedDict.fromkeys", "depset", "typing.cast", "numpy.unique", "iter"}
)
_SPLITS = frozenset({"shlex.split", "distutils.util.split_quoted", "Split", "SCons.Script.Split"})
_SAME_TEXT = frozenset({"strip", "decode", "rstrip", "lstrip", "encode", "replace", "expandtabs"})
#: Functions that ``map`` gives each item to, which return it.
_SAME_ITEM = _SAME_TEXT | {"str", "fsdecode", "fspath"}
_LOOKED_UP = (BindingKind.VALUE, BindingKind.ELEMENT, BindingKind.IMPORTED)
_ITEMS = (cst.List, cst.Tuple, cst.Set)
_COMPREHENSIONS = (cst.ListComp, cst.GeneratorExp, cst.SetComp)


@dataclass(slots=True)
class BackwardSlice:
    """The items that may reach one list, as expressions.

    ``items`` holds words and texts, ``removed`` texts that are taken out of a list again;
    ``places`` the lists, and ``mappings`` the dictionaries, on the way. Run for several lists,
    ``items`` are those that no list before had, and ``joins`` tells that there are others.
    """

    script: Script
    items: dict[cst.BaseExpression, Shape] = field(default_factory=dict)
    places: dict[Hashable, dict[Shape, None]] = field(default_factory=dict)
    mappings: set[Hashable] = field(default_factory=set)
    #: Places that are used as they are: what is put there later counts as well.
    shared: set[Hashable] = field(default_factory=set)
    removed: frozenset[str] = frozenset()
    joins: bool = False
    _copied: int = 0
    _run: int = 0
    #: What was followed, and in which run.
    _seen: dict[Hashable, int] = field(default_factory=dict)
    #: Lists, and keys of dictionaries, into which something may be put that is not followed yet.
    _reached: list[tuple[Hashable, str, Shape]] = field(default_factory=list)

    def run(self, node: cst.BaseExpression, shape: Shape, key: str = "") -> None:
        """Follow an expression, or a key of a dictionary, and what is put where it leads."""
        self.items, self.joins = {}, False
        self._run += 1
        if key:
            self.entry(node, key, shape)
        else:
            self.follow(node, shape)
        with analysis.until_limit():
            while self._reached:
                place, key, as_shape = self._reached.pop()
                if key:
                    self._grow_entry(place, key, as_shape)
                else:
                    self._grow(place)
        self.removed = frozenset(
            text
            for base, text in self.script.removals
            if self.script.places(base) & self.places.keys()
        )

    def _is_new(self, mark: Hashable) -> bool:
        """Return whether something was not followed yet."""
        run = self._seen.setdefault(mark, 0)
        if run:
            self.joins |= run != self._run
            return False
        self._seen[mark] = self._run
        return True

    def _grow(self, place: Hashable) -> None:
        """Follow what is put into a list that is known by now."""
        for mutation in self.script.mutations_by_place.get(place, ()):
            analysis.check_time()
            # A list that grows after it was copied is another one.
            later = mutation.bound is not None and mutation.bound not in self.places
            for at in self.script.places(mutation.base) if mutation.key is None else ():
                other = (later and at not in self.shared) or (
                    mutation.mapping and at in self.mappings
                )
                for shape in () if other else list(self.places.get(at, ())):
                    self.script.go_through(mutation.base)
                    self.follow(mutation.value, Shape.ITEM if mutation.single else shape)

    def _reach(self, place: Hashable, shape: Shape) -> None:
        shapes = self.places.setdefault(place, {})
        if shape not in shapes or not (self._copied or place in self.shared):
            shapes[shape] = None
            self._reached.append((place, "", shape))
        if not self._copied:
            self.shared.add(place)

    def follow(self, node: cst.BaseExpression, shape: Shape) -> None:
        """Note the items that an expression gives."""
        if not self._is_new((node, shape, bool(self._copied))):
            return
        if shape is Shape.ITEM:
            self.items.setdefault(node, shape)
            return
        if isinstance(node, cst.IfExp):
            for branch in self.script.branches(node):
                self.follow(branch, shape)
        elif isinstance(node, cst.BooleanOperation):
            for part in self.script.operands(node):
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

    def _list(self, node: cst.BaseExpression) -> None:
        if isinstance(node, _ITEMS):
            for element in node.elements:
                if isinstance(element, cst.StarredElement):
                    self._copy(element.value, Shape.LIST)
                else:
                    self.follow(element.value, Shape.ITEM)
        elif isinstance(node, cst.BinaryOperation):
            for part in self.script.terms(node):
                self._copy(part, Shape.LIST)
        elif isinstance(node, _COMPREHENSIONS):
            clause = node.for_in
            same = isinstance(node.elt, cst.Name) and isinstance(clause.target, cst.Name)
            name, keeps = last_word(clause.target), self.script.evaluator.keeps_libpython
            kept = all(keeps(one.test, name) for one in clause.ifs)
            if not kept or clause.inner_for_in is not None:
                return  # what a condition lets through is not known
            if same and node.elt.value == clause.target.value:  # type: ignore[attr-defined]
                self._copy(clause.iter, Shape.LIST)
            else:
                self.follow(node.elt, Shape.ITEM)

    def _copy(self, node: cst.BaseExpression, shape: Shape) -> None:
        """Follow an expression whose list is copied in place."""
        self._copied += 1
        self.follow(node, shape)
        self._copied -= 1

    def _text(self, node: cst.BaseExpression) -> None:
        """A text is an item as a whole, and so are the named parts that it is put together of."""
        self.items.setdefault(node, Shape.TEXT)
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
            for part in (node.left, node.right):
                if not isinstance(part, (cst.SimpleString, cst.ConcatenatedString)):
                    self.follow(part, Shape.TEXT)

    def _name(self, node: cst.Name, shape: Shape) -> None:
        self.script.passed.add(node)
        waiting = list(self.script.last_bindings(node))
        while waiting:
            binding = waiting.pop()
            if self._is_new((binding, shape, bool(self._copied))):
                waiting.extend(binding.before)
                self._reach(binding, shape)
                for value in self.script.whole_values(binding):
                    self.follow(value, shape)
        if self.script.needs_evaluation(node):
            self._note_evaluated(node)

    def _attribute(self, node: cst.Attribute, shape: Shape) -> None:
        if shape is Shape.TEXT and node.attr.value in ("stdout", "output"):
            self.follow(node.value, shape)
            return
        self._reach(("attribute", node.attr.value), shape)
        for value in self.script.attribute_values(node):
            self.follow(value, shape)
        self._note_evaluated(node)

    def _call(self, node: cst.Call, shape: Shape) -> None:
        self.script.passed.add(node)
        functions = self.script.functions(node)
        for scope in functions:
            for returned in scope.returns:
                if returned.value is not None:
                    self.follow(returned.value, shape)
            for one in scope.yields:
                if one.value is not None:
                    self.follow(one.value, Shape.LIST if one.spread else Shape.ITEM)
        if functions:
            return
        names = self.script.callee_names(node)
        arguments = [one.value for one in node.args]
        if names & _SAME_LIST:
            for argument in arguments:
                self._copy(argument, shape)
        elif "filter" in names and len(arguments) > 1:
            if self.script.evaluator.passes_libpython(arguments[0]):
                self.follow(arguments[1], shape)
        elif "map" in names and len(arguments) == 2 and last_word(arguments[0]) in _SAME_ITEM:
            self._copy(arguments[1], shape)
        elif names & {"select", "native.select"}:
            for value in self.script.evaluator.select_branches(arguments[:1]):
                self.follow(value, shape)
        elif names & _SPLITS and arguments:
            self.follow(arguments[0], Shape.TEXT)
        elif names & {"str", "os.fsdecode"} and arguments:
            self.follow(arguments[0], shape)
        elif names & {"os.environ.get", "os.getenv"} and len(arguments) > 1:
            self.follow(arguments[1], shape)
        elif isinstance(node.func, cst.Attribute):
            self._method(node, node.func, shape)
        else:
            self._note_evaluated(node)
            if shape is Shape.TEXT:
                self.items.setdefault(node, shape)

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
            self._copy(func.value, shape)
        elif name in ("get", "pop", "setdefault") and node.args:
            keys = self.script.evaluator.keys(func.value, node.args[0].value)
            for key in self.script.texts(node.args[0].value) if keys is None else keys:
                self.entry(func.value, key, shape)
            if not keys or not self.script.evaluator.has_keys(func.value, keys):
                for default in node.args[1:2]:
                    self.follow(default.value, shape)
        else:
            self._note_evaluated(node)
            if shape is Shape.TEXT:
                self.items.setdefault(node, shape)

    def _subscript(self, node: cst.Subscript, shape: Shape) -> None:
        part = node.slice[0].slice
        if isinstance(part, cst.Slice):
            self._copy(node.value, shape)
            return
        keys = None
        if len(node.slice) == 1 and isinstance(part, cst.Index):
            keys = self.script.evaluator.keys(node.value, part.value)
        for key in keys or ():
            self.entry(node.value, key, shape)
        if not keys and shape is Shape.TEXT and isinstance(node.value, cst.Call):
            self.follow(node.value, shape)  # Popen(...).communicate()[0]
        if keys is None or self.script.evaluator.system is None:
            self._note_evaluated(node)
        if shape is Shape.TEXT:
            self.items.setdefault(node, shape)

    def _note_evaluated(self, node: cst.BaseExpression) -> None:
        """Note the items that the evaluator sees in a list."""
        if not isinstance(node, (cst.Name, cst.Attribute)):  # stores to these are followed
            note_cuts(self.script.evaluator.evaluate(node))
        found = list(self.script.elements(node))
        for item in found:
            self.follow(item, Shape.ITEM)
        if not found and self.script.is_from_elsewhere(node):
            self.items.setdefault(node, Shape.ITEM)

    # Dictionaries

    def entry(self, node: cst.BaseExpression, key: str, shape: Shape) -> None:
        """Follow what a dictionary holds under a key."""
        if not self._is_new((node, shape, key)):
            return
        if isinstance(node, cst.Dict):
            for element in node.elements:
                if not isinstance(element, cst.DictElement):
                    self.entry(element.value, key, shape)
                elif self.script.text(element.key) == key:
                    self.follow(element.value, shape)
        elif isinstance(node, cst.Name):
            self.script.passed.add(node)
            for binding in self.script.roots(node):
                self._in(binding, key, shape)
                values: Iterable[cst.BaseExpression] = ()
                if binding.kind is BindingKind.PARAMETER:
                    values = self._keywords(binding, key, shape)
                elif binding.kind is BindingKind.VALUE and binding.value and not binding.path:
                    values = [binding.value]
                elif binding.kind in _LOOKED_UP:
                    self._looked_up(node, key, shape)
                for value in values:
                    self.entry(value, key, shape)
        elif isinstance(node, cst.Attribute):
            self._in(("attribute", node.attr.value), key, shape)
            for value in self.script.attribute_values(node):
                self.entry(value, key, shape)
        elif isinstance(node, cst.IfExp):
            for branch in self.script.branches(node):
                self.entry(branch, key, shape)
        elif isinstance(node, (cst.BooleanOperation, cst.BinaryOperation)):
            self.entry(node.left, key, shape)
            self.entry(node.right, key, shape)
        elif isinstance(node, cst.Call):
            self._follow_returns(node, key, shape)
        else:
            self.script.go_through(node)
            for place in self.script.places(node):
                self._in(place, key, shape)
            self._looked_up(node, key, shape)

    def _in(self, place: Hashable, key: str, shape: Shape) -> None:
        self._reach((place, key), shape)
        self.mappings.add(place)
        if self._is_new((place, key, shape)):
            self._reached.append((place, key, shape))

    def _grow_entry(self, place: Hashable, key: str, shape: Shape) -> None:
        """Follow what is put into a dictionary under a key."""
        for mutation in self.script.mutations_by_place.get(("key", place, key), ()):
            self.script.go_through(mutation.base)
            self.follow(mutation.value, shape)
        for mutation in self.script.mutations_by_place.get(place, ()):
            analysis.check_time()
            if mutation.mapping:
                self.script.go_through(mutation.base)
                self.entry(mutation.value, key, shape)

    def _keywords(self, binding: Binding, key: str, shape: Shape) -> list[cst.BaseExpression]:
        """Follow what calls give ``**kwargs`` under a key; return dictionaries given whole."""
        node = binding.scope.node
        assert isinstance(node, (cst.FunctionDef, cst.Lambda))
        star = node.params.star_kwarg
        if star is None or star.name.value != binding.name:
            return list(self.script.argument_values(binding))
        own = {parameter.name.value for parameter in parameters(node.params)}
        whole = []
        for call in self.script.calls(binding.scope):
            for argument in call.args:
                if argument.star == "**":
                    whole.append(argument.value)
                elif key not in own and (
                    argument.keyword is not None and argument.keyword.value == key
                ):
                    self.follow(argument.value, shape)
        return whole

    def _follow_returns(self, node: cst.Call, key: str, shape: Shape) -> None:
        self.script.passed.add(node)
        for scope in self.script.functions(node):
            for returned in scope.returns:
                if returned.value is not None:
                    self.entry(returned.value, key, shape)
        names = self.script.callee_names(node)
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
        if self.script.is_from_elsewhere(node, key):
            self.items.setdefault(node, Shape.ITEM)
        options = self.script.evaluator.evaluate(node).alternatives
        mappings = (option for option in options if isinstance(option, Mapping))
        for element in (one for each in mappings for name, one in each.entries if name == key):
            if isinstance(element.node, cst.BaseExpression):
                self.follow(element.node, shape)
                continue
            for item in self.script.elements_of(element.values):
                self.follow(item, Shape.ITEM)
