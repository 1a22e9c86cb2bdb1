"""Follows a list, an item of it, or what holds it through the syntax of a build script.

The *depth* of an expression is 0 for the list, -1 for an item or a text, 1 and more for what
holds the list.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterator
from typing import Any

from no_libpython_dlopen.buildsystems.python_syntax.sinks import (
    ADDING,
    EXTENSION,
    POSITIONS,
    SETTING,
)
from no_libpython_dlopen.buildsystems.python_syntax.uses.holders import (
    LOOKS_UP,
    HolderKind,
    Holders,
)
from no_libpython_dlopen.buildsystems.python_syntax.uses.names_of_modules import (
    Function,
    Names,
    parameters,
)
from no_libpython_dlopen.knowledge.libpython_names import is_link_flag, is_link_library
from no_libpython_dlopen.python.syntax.parse_ast import last_word

#: Calls that give their argument again, or a copy.
_SAME = frozenset(
    {"list", "tuple", "sorted", "set", "frozenset", "reversed", "iter", "copy", "deepcopy", "dict"}
    | {"OrderedDict", "fromkeys", "chain"}
)
_SAME_TEXT = frozenset({"str", "fsdecode", "fspath"})
_SPLITS = frozenset({"split", "split_quoted", "Split", "splitlines"})
_TEXT_METHODS = frozenset({"strip", "lstrip", "rstrip", "encode", "decode", "replace", "format"})
#: Calls that show a value.
_SHOWS = frozenset({"print", "pprint", "info", "debug", "isinstance"})
#: Methods that put their argument into a list or dictionary.
_PUTS_ITEM = frozenset({"append", "insert", "add", "appendleft"})
_PUTS_SEVERAL = frozenset({"extend", "update", "extendleft"})
_KEEPS = _PUTS_ITEM | _PUTS_SEVERAL | {"sort", "reverse", "clear", "discard"}
_WALKS = frozenset({"items", "values"})
#: Calls that take the lists of an extension, and need none of their items.
_BUILDS = frozenset({"setup", "cythonize", "set_source", "verify", "add_extension", "__init__"})


class ListFlow(Holders):
    """The names that a list gets on its way, where nothing on the way misses an item of it."""

    def __init__(self, names: Names, sinks: set[ast.expr], start: ast.expr) -> None:
        super().__init__(names)
        self._sinks = sinks
        siblings = getattr(names.parents.get(start), "elts", ())
        #: Whether the list has items besides the one that would be deleted, and this matters.
        self._stays_filled = any(map(is_other_item, siblings))
        self._asks_for_rest = False
        #: Whether a list is made of it that may have fewer items.
        self._is_mapped = False

    @property
    def state(self) -> Hashable:
        """What is known so far; what follows is the same for equal states."""
        return self._stays_filled, self._asks_for_rest, self._is_mapped, *self.holders

    @property
    def is_certain(self) -> bool:
        """Whether the items that stay are where something asks for any."""
        return not (self._asks_for_rest and self._is_mapped)

    def follow(self, node: ast.AST, depth: int) -> bool:
        """Return whether what takes an expression over does so whatever items the list has."""
        parent = self._names.parents[node]
        follow = _FOLLOW.get(type(parent))
        return follow is not None and follow(self, parent, node, depth)

    def _follow_expr(self, _parent: ast.Expr, _node: ast.AST, _depth: int) -> bool:
        return True

    def _follow_list(
        self, parent: ast.List | ast.Tuple | ast.Set, node: ast.expr, depth: int
    ) -> bool:
        holder = self._names.parents[parent]
        targets = holder.targets if isinstance(holder, ast.Assign) else []
        several = [getattr(one, "elts", ()) for one in targets]  # a, b = [...], [...]
        rows = [parent.elts, *several]
        is_split = bool(several) and {len(row) for row in rows} == {len(parent.elts)}
        if not is_split or any(isinstance(one, ast.Starred) for row in rows for one in row):
            return self.follow(parent, depth + 1)
        return all(self.bind(row[parent.elts.index(node)], depth) for row in several)

    def _follow_starred(self, parent: ast.Starred, _node: ast.AST, depth: int) -> bool:
        holder = self._names.parents[parent]
        return isinstance(holder, (ast.List, ast.Tuple, ast.Set)) and self.follow(holder, depth)

    def _follow_dict(self, parent: ast.Dict, node: ast.AST, depth: int) -> bool:
        if node not in parent.values:
            return False
        key = parent.keys[parent.values.index(node)]
        if key is None:
            return self.follow(parent, depth)
        if isinstance(key, ast.Constant):
            self.add(HolderKind.MEMBER, str(key.value), depth)
        return self.follow(parent, depth + 1)

    def _follow_ifexp(self, parent: ast.IfExp, node: ast.AST, depth: int) -> bool:
        return self._truth_stays(depth) if node is parent.test else self.follow(parent, depth)

    def _follow_boolop(self, parent: ast.BoolOp, node: ast.AST, depth: int) -> bool:
        is_or = isinstance(parent.op, ast.Or)
        is_last = node is parent.values[-1]
        empty = is_or and all(map(_is_empty, parent.values[1:]))
        return (is_last or empty or self._truth_stays(depth)) and (
            (not is_or and not is_last) or self.follow(parent, depth)
        )

    def _truth_stays(self, depth: int) -> bool:
        """Return whether a list, or what holds it, is as true without the item."""
        self._asks_for_rest |= depth == 0
        return depth > 0 or (depth == 0 and self._stays_filled)

    def _follow_unaryop(self, parent: ast.UnaryOp, _node: ast.AST, depth: int) -> bool:
        return isinstance(parent.op, ast.Not) and self._truth_stays(depth)

    def _follow_if(self, _parent: ast.If | ast.Assert, _node: ast.AST, depth: int) -> bool:
        return self._truth_stays(depth)

    def _follow_binop(self, parent: ast.BinOp, _node: ast.AST, depth: int) -> bool:
        harmless = (ast.Add, ast.BitOr, ast.Mult) if depth >= 0 else (ast.Add, ast.Mod)
        return isinstance(parent.op, harmless) and self.follow(parent, depth)

    def _follow_formattedvalue(self, parent: ast.AST, _node: ast.AST, depth: int) -> bool:
        return depth < 0 and self.follow(parent, depth)

    def _follow_compare(self, parent: ast.Compare, node: ast.AST, depth: int) -> bool:
        other = parent.comparators[0] if node is parent.left else parent.left
        if isinstance(parent.ops[0], (ast.Is, ast.IsNot)) and _is_empty(other):
            return True
        asks = isinstance(parent.ops[0], (ast.In, ast.NotIn)) and node is parent.comparators[0]
        return asks and (depth > 0 or (depth == 0 and is_other_item(other)))

    def _follow_subscript(self, parent: ast.Subscript, node: ast.AST, depth: int) -> bool:
        if node is not parent.value or depth < 0:
            return False
        chosen = parent.slice
        if isinstance(chosen, ast.Slice):
            whole = chosen.lower is chosen.upper is chosen.step is None
            return whole and (isinstance(parent.ctx, ast.Store) or self.follow(parent, depth))
        if isinstance(chosen, ast.Constant) and isinstance(chosen.value, str):
            is_lost = depth == 0 and isinstance(parent.ctx, ast.Del)  # of `dict.fromkeys(LIST)`
            return not is_lost and (depth < 2 or self.follow(parent, depth - 1))
        if depth == 0:
            return False
        return isinstance(parent.ctx, ast.Store) or self.follow(parent, depth - 1)

    def _follow_attribute(self, parent: ast.Attribute, _node: ast.AST, depth: int) -> bool:
        call, word = self._names.parents[parent], parent.attr
        if not isinstance(call, ast.Call) or call.func is not parent:
            return False
        if depth < 0:
            after = 0 if word in _SPLITS else depth
            return word in _SPLITS | _TEXT_METHODS and self.follow(call, after)
        if word in ("copy", "union"):
            return self.follow(call, depth)
        if word == "remove":
            return depth == 0 and bool(call.args) and is_other_item(call.args[0])
        if depth > 0 and word in _WALKS:
            return self.follow(call, depth)
        if word in LOOKS_UP and call.args and (depth > 0 or word != "pop"):
            if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
                return depth < 2 or self.follow(call, depth - 1)
            return depth > 0 and self.follow(call, depth - 1)
        return word in _KEEPS or (depth > 0 and word == "keys")

    def _follow_assign(self, parent: ast.Assign, node: ast.AST, depth: int) -> bool:
        return all(self.bind(target, depth) for target in parent.targets if target is not node)

    def _follow_annassign(
        self, parent: ast.AnnAssign | ast.AugAssign | ast.NamedExpr, node: ast.AST, depth: int
    ) -> bool:
        return node is parent.value and self.bind(parent.target, depth)

    def _follow_augassign(self, parent: ast.AugAssign, node: ast.AST, depth: int) -> bool:
        adds = isinstance(parent.op, (ast.Add, ast.BitOr))
        return adds and self._follow_annassign(parent, node, depth)

    def _follow_namedexpr(self, parent: ast.NamedExpr, node: ast.AST, depth: int) -> bool:
        return self._follow_annassign(parent, node, depth) and self.follow(parent, depth)

    def _follow_for(self, parent: ast.For, node: ast.AST, depth: int) -> bool:
        if node is not parent.iter:
            return False
        if depth > 0:
            return self.bind_elements(parent.target, depth - 1)
        name = last_word(parent.target)
        uses = all(_mentions(one, name) for one in _statements(parent.body))
        return bool(name) and uses and not parent.orelse and self.bind(parent.target, -1)

    def _follow_comprehension(self, parent: ast.comprehension, node: ast.AST, depth: int) -> bool:
        if node is not parent.iter or depth < 0:
            return False
        if depth > 0:
            return self.bind_elements(parent.target, depth - 1)
        made = self._names.parents[parent]
        return not isinstance(made, ast.DictComp) and self._map(made)

    def _map(self, made: ast.AST, by: ast.AST | None = None) -> bool:
        """Follow a list that is made item by item, and may lack some of them."""
        self._is_mapped = True
        return not any(map(_puts, ast.walk(by or made))) and self.follow(made, 0)

    def _follow_comprehended(
        self, parent: ast.ListComp | ast.SetComp | ast.GeneratorExp, _node: ast.AST, depth: int
    ) -> bool:
        return self.follow(parent, depth + 1)

    def _follow_return(self, parent: ast.Return, _node: ast.AST, depth: int) -> bool:
        for holder in self._names.holders(parent):
            if isinstance(holder, (ast.FunctionDef, ast.AsyncFunctionDef)):
                words = {last_word(one) for one in holder.decorator_list}
                if words & {"property", "cached_property"}:
                    return self.add(HolderKind.MEMBER, holder.name, depth)
                return not words - {"staticmethod", "classmethod"} and self.add(
                    HolderKind.FUNCTION, holder.name, depth
                )
        return False

    def _follow_arguments(self, parent: ast.arguments, node: ast.expr, depth: int) -> bool:
        function = self._names.parents[parent]
        if node in parent.kw_defaults:
            name = parent.kwonlyargs[parent.kw_defaults.index(node)]
        else:
            plain = [*parent.posonlyargs, *parent.args]
            name = plain[parent.defaults.index(node) - len(parent.defaults)]
        return self.add(HolderKind.VARIABLE, name.arg, depth, function)

    def _follow_keyword(self, parent: ast.keyword, _node: ast.AST, depth: int) -> bool:
        call = self._names.parents[parent]
        return isinstance(call, ast.Call) and self._argument(call, parent.arg or "**", depth)

    def _follow_call(self, parent: ast.Call, node: ast.expr, depth: int) -> bool:
        return node in parent.args and self._argument(parent, parent.args.index(node), depth)

    def _argument(self, call: ast.Call, place: int | str, depth: int) -> bool:
        """Return whether a call takes an argument, by number or name, whatever items it has."""
        word = last_word(call.func)
        own = self._argument_of_function(word, place, depth)
        if word in _SHOWS:
            return True
        if word in ADDING or word in SETTING:
            return self.add(HolderKind.MEMBER, "libraries", 0) and self.add(
                HolderKind.MEMBER, "objects", 0
            )
        if isinstance(call.func, ast.Attribute):
            known = self._argument_of_method(call, call.func, place, depth)
            if known is not None:
                return known
        if word in _SAME:
            if place == "**" or isinstance(place, int):
                return self.follow(call, depth)
            return self.add(HolderKind.MEMBER, place, depth) and self.follow(call, depth + 1)
        if depth < 0 and word in _SPLITS | _SAME_TEXT:
            return self.follow(call, 0 if word in _SPLITS else depth)
        if word == "len" and depth > 0:
            return True
        if word in ("enumerate", "zip") and depth > 0:
            return self.follow(call, depth)
        if word in ("bool", "any", "all"):
            return self._truth_stays(depth)
        if word in ("filter", "map") and place == 1 and depth == 0 and len(call.args) == 2:
            is_own = bool(self._names.functions[last_word(call.args[0])])
            return not is_own and self._map(call, call.args[0])
        if word == "select" and depth > 0:  # Bazel's
            return self.follow(call, depth - 1)
        builds = call in self._sinks or bool(EXTENSION.search(word)) or word in _BUILDS
        if builds and isinstance(place, str) and place != "**":
            self.add(HolderKind.MEMBER, place, depth)
        elif builds and isinstance(place, int) and place in POSITIONS:
            self.add(HolderKind.MEMBER, POSITIONS[place], depth)
        return own or builds

    def _argument_of_method(
        self, call: ast.Call, func: ast.Attribute, place: int | str, depth: int
    ) -> bool | None:
        """Return whether a method takes an argument so; ``None`` for a method of something else."""
        word = func.attr
        is_text = isinstance(func.value, (ast.Constant, ast.JoinedStr))
        if word == "join" and is_text:
            return self.follow(call, -1)
        if word == "format" and is_text:
            return depth < 0 and self.follow(call, depth)
        if word in LOOKS_UP and place == 1:
            kept = word != "setdefault" or self.bind(call, depth)
            return kept and self.follow(call, depth)
        if word in _PUTS_ITEM and place == len(call.args) - 1:
            return self.bind(func.value, depth + 1)
        if word in _PUTS_SEVERAL:
            if isinstance(place, str) and place != "**":
                return self.add(HolderKind.MEMBER, place, depth) and self.bind(
                    func.value, depth + 1
                )
            return self.bind(func.value, depth)
        return None

    def _argument_of_function(self, word: str, place: int | str, depth: int) -> bool:
        """Note the parameters that functions of this name take an argument by."""
        found = False
        for alias in (word, *(one for one, those in self._names.aliases.items() if word in those)):
            for function in self._names.functions[alias]:
                found |= self._parameter(function, place, depth)
        return found

    def _parameter(self, function: Function, place: int | str, depth: int) -> bool:
        given = function.args
        names = {one.arg for one in parameters(function)}
        if isinstance(place, int):
            plain = [one.arg for one in (*given.posonlyargs, *given.args)]
            place += plain[:1] in (["self"], ["cls"])
            if place < len(plain):
                return self.add(HolderKind.VARIABLE, plain[place], depth, function)
            rest = given.vararg
        elif place in names:
            return self.add(HolderKind.VARIABLE, place, depth, function)
        else:
            rest = given.kwarg
            if rest is not None and place != "**":
                self.add(HolderKind.MEMBER, place, depth)
        if rest is None:
            return place == "**"  # by names, which are members
        above = depth if place == "**" else depth + 1
        return self.add(HolderKind.VARIABLE, rest.arg, above, function)


_FOLLOW: dict[type[ast.AST], Callable[[ListFlow, Any, Any, int], bool]] = {
    ast.Expr: ListFlow._follow_expr,
    ast.List: ListFlow._follow_list,
    ast.Tuple: ListFlow._follow_list,
    ast.Set: ListFlow._follow_list,
    ast.Starred: ListFlow._follow_starred,
    ast.Dict: ListFlow._follow_dict,
    ast.IfExp: ListFlow._follow_ifexp,
    ast.BoolOp: ListFlow._follow_boolop,
    ast.UnaryOp: ListFlow._follow_unaryop,
    ast.If: ListFlow._follow_if,
    ast.Assert: ListFlow._follow_if,
    ast.BinOp: ListFlow._follow_binop,
    ast.FormattedValue: ListFlow._follow_formattedvalue,
    ast.JoinedStr: ListFlow._follow_formattedvalue,
    ast.Compare: ListFlow._follow_compare,
    ast.Subscript: ListFlow._follow_subscript,
    ast.Attribute: ListFlow._follow_attribute,
    ast.Assign: ListFlow._follow_assign,
    ast.AnnAssign: ListFlow._follow_annassign,
    ast.AugAssign: ListFlow._follow_augassign,
    ast.NamedExpr: ListFlow._follow_namedexpr,
    ast.For: ListFlow._follow_for,
    ast.comprehension: ListFlow._follow_comprehension,
    ast.ListComp: ListFlow._follow_comprehended,
    ast.SetComp: ListFlow._follow_comprehended,
    ast.GeneratorExp: ListFlow._follow_comprehended,
    ast.Return: ListFlow._follow_return,
    ast.arguments: ListFlow._follow_arguments,
    ast.keyword: ListFlow._follow_keyword,
    ast.Call: ListFlow._follow_call,
}


def is_other_item(node: ast.AST) -> bool:
    """Return whether an expression is a text that is certainly not libpython's name."""
    value = node.value if isinstance(node, ast.Constant) else None
    return isinstance(value, str) and not is_link_library(value) and not is_link_flag(value)


def _is_empty(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in (None, "", b"")
    if isinstance(node, ast.Dict):
        return not node.keys
    return isinstance(node, (ast.List, ast.Tuple)) and not node.elts


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a loop that do something, those under conditions included."""
    for one in body:
        if isinstance(one, ast.If):
            yield from _statements([*one.body, *one.orelse])
        elif not isinstance(one, (ast.Pass, ast.Continue)):
            yield one


def _puts(node: ast.AST) -> bool:
    """Return whether a call puts something into a list or dictionary."""
    return isinstance(node, ast.Call) and last_word(node.func) in _KEEPS | LOOKS_UP


def _mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node))
