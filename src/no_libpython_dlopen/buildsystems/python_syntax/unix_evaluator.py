"""Evaluates build scripts in Python's syntax as they run on Unix, as far as names imply it.

Unix here are the platforms on which extension modules are not linked to libpython.

``sys.platform`` and its like the evaluator of ``python`` knows. A build script also asks
its compiler (``compiler_type == "msvc"``), its construction environment
(``env["PLATFORM"] == "win32"``) and flags that another file sets (``IS_WINDOWS``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import libcst as cst

from no_libpython_dlopen.knowledge.platforms import System, names_foreign, needs_link, systems_named
from no_libpython_dlopen.knowledge.target_platforms import LINUX, is_negative, truth_by_name
from no_libpython_dlopen.knowledge.three_valued import all_of, any_of, negation
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_PLATFORM,
    AbstractValue,
    Context,
    External,
    Items,
    Mapping,
    one_of,
)
from no_libpython_dlopen.python.evaluator.interpreter import AbstractInterpreter
from no_libpython_dlopen.python.evaluator.protocol import Imports
from no_libpython_dlopen.python.syntax.parse import last_word

#: Last words of what a script compares with the name of a platform or a compiler.
_ASKED = frozenset(
    {"compiler_type", "compiler", "platform", "plat", "plat_name", "system", "os", "os_name"}
    | {"target_os", "host_os", "target", "host", "host_platform", "target_platform", "cc"}
    | {"get_default_compiler", "get_platform", "platform_name"}
)
#: distutils' and SCons' names of compilers that make modules for Windows.
_COMPILERS = frozenset({"msvc", "mingw32", "bcpp", "cl", "clang-cl", "borland"})
#: libpython's names, with one digit for all, as libraries and as flags.
_NAMES = "python1.11 python1.11dmtu -l:libpython1.11.so.1.1 -Wl,-lpython1 libpython1.11t.so.1.1"
_OPERATORS = {cst.Equal: False, cst.In: False, cst.NotEqual: True, cst.NotIn: True, cst.Is: False}


class UnixEvaluator(AbstractInterpreter):
    """The evaluator of a build script, on any Unix or on one system.

    On one system it notes whether the script ``asks_by_name``: compares something unknown with
    the names of systems, or tests what is called like one. If it ``trusts_names``, it takes that
    for a question about the platform.
    """

    def __init__(
        self,
        module: cst.Module,
        imports: Imports | None,
        system: System | None = None,
        *,
        trusts_names: bool = False,
    ) -> None:
        self.trusts_names = trusts_names
        self.asks_by_name = False
        #: Whether a test compares the system with one of several names, in a loop say.
        self.asks_in_turn = False
        super().__init__(module, None, imports, system)

    def evaluate(self, node: cst.BaseExpression, context: Context = None) -> AbstractValue:
        """Return the abstract value of an expression on Unix."""
        if type(node) is cst.Comparison:
            outcome = self._platform_comparison(node, context)
            if outcome is not None:
                return one_of(outcome, labels=FROM_PLATFORM)
        return super().evaluate(node, context)

    def decided_outcome(self, test: cst.BaseExpression) -> bool | None:
        """Return a test's outcome where the platform, a literal or a flag's name decides it."""
        if isinstance(test, cst.BooleanOperation):
            both = [self.decided_outcome(test.left), self.decided_outcome(test.right)]
            return any_of(both) if isinstance(test.operator, cst.Or) else all_of(both)
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            return negation(self.decided_outcome(test.expression))
        outcome = super().decided_outcome(test)
        if outcome is None and isinstance(test, (cst.Name, cst.Attribute, cst.Call)):
            options = self.evaluate(test).alternatives
            if not options or any(isinstance(one, External) for one in options):
                outcome = truth_by_name(_last_word(test), LINUX)
        return self._outcome_by_name(test) if outcome is None else outcome

    def keys(self, mapping: cst.BaseExpression, key: cst.BaseExpression) -> list[str] | None:
        """Return which texts a key of a dictionary may be, ``None`` if it may be others."""
        values = self.evaluate(key)
        found = [one for one in values.alternatives if isinstance(one, str)]
        if values.exhaustive and len(found) == len(values.alternatives):
            return found
        return self._keys_by_name(mapping)

    def has_keys(self, mapping: cst.BaseExpression, keys: Iterable[str]) -> bool:
        """Return whether a dictionary surely has all of these keys."""
        values = self.evaluate(mapping)
        return values.exhaustive and all(
            isinstance(one, Mapping) and {key for key, _ in one.entries}.issuperset(keys)
            for one in values.alternatives
        )

    def select_branches(self, arguments: list[cst.BaseExpression]) -> Iterator[cst.BaseExpression]:
        """Yield the values of Bazel's ``select`` on Unix."""
        for argument in arguments:
            elements = argument.elements if isinstance(argument, cst.Dict) else ()
            found = [
                (" ".join(key for key in keys if isinstance(key, str)), element.value)
                for element in elements
                if isinstance(element, cst.DictElement)
                for keys in [self.evaluate(element.key).alternatives]
            ]
            named = frozenset[System]().union(*(systems_named(key) or () for key, _ in found))
            wanted = {System.LINUX, System.DARWIN} if self.system is None else {self.system}
            for key, value in found:
                systems = systems_named(key)
                if key.endswith("conditions:default"):
                    is_taken = not wanted <= named
                else:
                    is_taken = systems is None or (
                        not names_foreign(key) and (not systems or not wanted.isdisjoint(systems))
                    )
                if is_taken:
                    yield value

    def _keys_by_name(self, mapping: cst.BaseExpression) -> list[str] | None:
        """Return which keys an unknown text has in a dictionary with nothing but systems' names."""
        options = self.evaluate(mapping).alternatives
        keys = [key for one in options if isinstance(one, Mapping) for key, _ in one.entries]
        named = {key: systems_named(key) if isinstance(key, str) else None for key in keys}
        if self.system is None or not named or None in named.values():
            return None
        self.asks_by_name = True
        if not self.trusts_names:
            return None
        return [str(key) for key, systems in named.items() if systems and self.system in systems]

    def _outcome_by_name(self, test: cst.BaseExpression) -> bool | None:
        """Return a test's outcome on the one system by the names of systems in it."""
        if self.system is None:
            return None
        is_negated = False
        if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
            target = test.comparisons[0]
            is_negated = isinstance(target.operator, (cst.NotEqual, cst.NotIn, cst.IsNot))
            named = self._systems_in(target.comparator) or self._systems_in(test.left)
        elif isinstance(test, cst.Call) and test.args:
            named = [each for one in test.args for each in self._systems_in(one.value)]
        else:
            word = _last_word(test)
            systems = None if is_negative(word) else systems_named(word)
            named = [] if systems is None else [systems]
        if not named:
            return None
        self.asks_by_name = True
        parts = test.comparisons if isinstance(test, cst.Comparison) else ()
        self.asks_in_turn |= any(map(self._may_be_several, (part.comparator for part in parts)))
        is_named = any(self.system in each for each in named)
        return is_named is not is_negated if self.trusts_names else None

    def _may_be_several(self, node: cst.BaseExpression) -> bool:
        """Return whether a text is the name of this system or that of another one."""
        texts = [one for one in self.evaluate(node).alternatives if isinstance(one, str)]
        return len({self.system in (systems_named(text) or ()) for text in texts}) > 1

    def _systems_in(self, node: cst.BaseExpression) -> list[frozenset[System]]:
        """Return the systems that texts name, of a list its items, none if one names no system."""
        words = self._words(node) or ()
        found = [systems_named(word) if isinstance(word, str) else None for word in words]
        named = [each for each in found if each is not None]
        return named if len(named) == len(found) else []

    def passes_libpython(self, function: cst.BaseExpression) -> bool:
        """Return whether ``filter`` with a function keeps every name of libpython."""
        if isinstance(function, cst.Lambda) and len(function.params.params) == 1:
            name = function.params.params[0].name.value
            return self.keeps_libpython(function.body, name) is True
        return isinstance(function, cst.Name) and function.value in ("None", "bool")

    def keeps_libpython(self, test: cst.BaseExpression, variable: str) -> bool | None:
        """Return whether a test of ``variable`` holds for every name of libpython, or for none.

        What it asks besides is taken to hold; ``None`` if it selects some of the names.
        """
        if isinstance(test, cst.BooleanOperation):
            both = [self.keeps_libpython(each, variable) for each in (test.left, test.right)]
            return any_of(both) if isinstance(test.operator, cst.Or) else all_of(both)
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            return negation(self.keeps_libpython(test.expression, variable))
        outcome = self.platform_outcome(test)
        if outcome is not None or isinstance(test, cst.Name):
            return outcome is not False
        if isinstance(test, cst.Call) and isinstance(test.func, cst.Attribute) and test.args:
            asks = test.func.attr.value in ("startswith", "endswith")
            words = self._words(test.args[0].value) if asks else None
            return self._differs(test.func.value, variable, words, equal=True)
        if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
            return None
        (target,) = test.comparisons
        equal = isinstance(target.operator, (cst.Equal, cst.In))
        if not equal and not isinstance(target.operator, (cst.NotEqual, cst.NotIn)):
            return None
        if last_word(target.comparator) == variable:
            words = self._words(test.left)
            return self._differs(target.comparator, variable, words, equal=equal)
        return self._differs(test.left, variable, self._words(target.comparator), equal=equal)

    def _differs(
        self, asked: cst.BaseExpression, variable: str, words: list[object] | None, *, equal: bool
    ) -> bool | None:
        """Return the outcome of a test for words that are no part of libpython's names."""
        if not isinstance(asked, cst.Name) or asked.value != variable or not words:
            return None
        parts = [re.sub(r"\d", "1", word) for word in words if isinstance(word, str)]
        other = len(parts) == len(words) and not any(part in _NAMES for part in parts)
        return (not equal) if other else None

    def _words(self, node: cst.BaseExpression, context: Context = None) -> list[object] | None:
        """Return the values of an expression, those of its items for a list."""
        values = super().evaluate(node, context)
        found: list[object] = []
        for option in values.alternatives:
            if isinstance(option, Items):
                found += [one for each in option.elements for one in each.values.alternatives]
            else:
                found.append(option)
        return found if values.exhaustive else None

    def _platform_comparison(self, node: cst.Comparison, context: Context) -> bool | None:
        """Return a comparison's outcome with nothing but names of platforms that need the link."""
        if len(node.comparisons) != 1 or _last_word(node.left).lower() not in _ASKED:
            return None
        target = node.comparisons[0]
        outcome = _OPERATORS.get(type(target.operator))
        if outcome is None or super().evaluate(node.left, context).exhaustive:
            return None
        words = self._words(target.comparator, context) or ()
        foreign = [isinstance(word, str) and _is_foreign(word) for word in words]
        return outcome if foreign and all(foreign) else None


def _is_foreign(word: str) -> bool:
    return needs_link(word) or word.lower() in _COMPILERS


def _last_word(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Call):
        return _last_word(node.func)
    if isinstance(node, cst.Subscript):
        part = node.slice[0].slice
        text = part.value if isinstance(part, cst.Index) else None
        return str(text.raw_value) if isinstance(text, cst.SimpleString) else ""
    return last_word(node)
