"""Evaluates build scripts in Python's syntax as they run on Unix, as far as names imply it.

Unix here are the platforms on which extension modules are not linked to libpython.

``sys.platform`` and its like the evaluator of ``python`` knows. A build script also asks
its compiler (``compiler_type == "msvc"``), its construction environment
(``env["PLATFORM"] == "win32"``) and flags that another file sets (``IS_WINDOWS``).
"""

from __future__ import annotations

import re

import libcst as cst

from no_libpython_dlopen.knowledge.platforms import needs_link
from no_libpython_dlopen.knowledge.target_platforms import LINUX, truth_by_name
from no_libpython_dlopen.knowledge.three_valued import all_of, any_of, negation
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_PLATFORM,
    AbstractValue,
    Context,
    External,
    Items,
    one_of,
)
from no_libpython_dlopen.python.evaluator.interpreter import AbstractInterpreter
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
    """The evaluator of a build script."""

    def evaluate(self, node: cst.BaseExpression, context: Context = None) -> AbstractValue:
        """Return the abstract value of an expression on Unix."""
        if isinstance(node, cst.Comparison):
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
                return truth_by_name(_last_word(test), LINUX)
        return outcome

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
