"""Finds the calls that a function's name could make, without a look at all of them."""

from __future__ import annotations

from itertools import islice

import libcst as cst

from no_libpython_dlopen.python.dataflow.reaching_definitions import ReachingDefinitions
from no_libpython_dlopen.python.syntax.parse import last_word

#: What gives a function another name: ``load = staticmethod(function)``.
_WRAPPERS = frozenset({"staticmethod", "classmethod", "partial", "partialmethod"})


class CallGraph:
    """The calls of a module by the words that they are made with, as far as it is walked."""

    def __init__(self, flow: ReachingDefinitions) -> None:
        self._flow = flow
        self._seen = self._made = 0
        self._calls: list[cst.Call] = []
        self._by_word: dict[str | cst.CSTNode, list[int]] = {}
        #: Other names of a name, the names of a lambda, and those of a class's objects, ``x()``.
        self._names: dict[str | cst.CSTNode, list[str]] = {}

    def _update(self) -> None:
        """Take in what has been walked since the last question."""
        flow = self._flow
        for call in islice(flow.live_expressions, self._seen, None):
            if type(call) is cst.Call:
                self._add(call)
                self._add_names(call)
        for binding in islice(flow.binding_log, self._made, None):
            value = binding.value
            if type(value) is cst.Name:
                self._names.setdefault(value.value, []).append(binding.name)
            elif type(value) is cst.Call and type(value.func) is cst.Name:
                self._names.setdefault(f"{value.func.value}()", []).append(binding.name)
            elif type(value) is cst.Lambda:
                self._names.setdefault(value, []).append(binding.name)
            elif type(value) is cst.Subscript and type(value.value) is cst.Name:
                self._names.setdefault(value.value.value, []).append(binding.name)
            elif isinstance(value, (cst.Dict, cst.List, cst.Tuple)):
                for one in value.elements:
                    if type(one.value) is cst.Name:
                        self._names.setdefault(one.value.value, []).append(binding.name)
            if type(value) is cst.Call and last_word(value.func) in _WRAPPERS and value.args:
                inner = value.args[0].value
                key = inner.value if isinstance(inner, cst.Name) else inner
                self._names.setdefault(key, []).append(binding.name)
        self._seen, self._made = len(flow.live_expressions), len(flow.binding_log)

    def _add(self, call: cst.Call) -> None:
        index = len(self._calls)
        self._calls.append(call)
        func = call.func
        words: list[str | cst.CSTNode] = []
        words += [func.attr.value] if isinstance(func, cst.Attribute) else []
        words += [func.value] if isinstance(func, cst.Name) else []
        if isinstance(func, cst.Call) and isinstance(func.func, cst.Name):
            words.append(f"{func.func.value}()")
        words += _collection_names(func)
        for one in call.args:
            value = one.value
            words += [value.value] if type(value) is cst.Name else []
            words += [value.attr.value] if type(value) is cst.Attribute else []
            words += [value] if type(value) is cst.Lambda else []
        for word in words:
            self._by_word.setdefault(word, []).append(index)

    def _add_names(self, call: cst.Call) -> None:
        """Note the functions that ``parser.set_defaults(func=run)`` gives another name."""
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "set_defaults":
            for one in call.args:
                if one.keyword is not None and isinstance(one.value, cst.Name):
                    self._names.setdefault(one.value.value, []).append(one.keyword.value)

    def calls(self, node: cst.CSTNode, names: set[str]) -> list[cst.Call]:
        """Return the calls of a function of these names, or handing it on, in their order."""
        self._update()
        todo = [*names, *self._names.get(node, ())]
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += self._names.get(name, ())
        found = set(self._by_word.get(node, ()))
        found |= {index for name in seen for index in self._by_word.get(name, ())}
        return [self._calls[index] for index in sorted(found)]


def _collection_names(func: cst.BaseExpression) -> list[str]:
    """Return the name of a table whose item is called: ``table[key]()``, ``table.get(key)()``."""
    if isinstance(func, cst.Call) and isinstance(func.func, cst.Attribute):
        owner = func.func.value if func.func.attr.value == "get" else None
    else:
        owner = func.value if isinstance(func, cst.Subscript) else None
    return [owner.value] if isinstance(owner, cst.Name) else []
