"""Evaluates build scripts in Python's syntax as they run on Unix, as far as names imply it.

Unix here are the platforms on which extension modules are not linked to libpython.

``sys.platform`` and its like the evaluator of ``python`` knows. A build script also asks
its compiler (``compiler_type == "msvc"``), its construction environment
(``env["PLATFORM"] == "win32"``) and flags that another file sets (``IS_WINDOWS``).
"""

from __future__ import annotations

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

    def platform_outcome(self, test: cst.BaseExpression) -> bool | None:
        """Return a test's outcome where the platform, a literal or a flag's name decides it."""
        if isinstance(test, cst.BooleanOperation):
            both = [self.platform_outcome(test.left), self.platform_outcome(test.right)]
            return any_of(both) if isinstance(test.operator, cst.Or) else all_of(both)
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            return negation(self.platform_outcome(test.expression))
        outcome = super().platform_outcome(test)
        if outcome is None and isinstance(test, (cst.Name, cst.Attribute, cst.Call)):
            options = self.evaluate(test).alternatives
            if not options or any(isinstance(one, External) for one in options):
                return truth_by_name(_last_word(test), LINUX)
        return outcome

    def _platform_comparison(self, node: cst.Comparison, context: Context) -> bool | None:
        """Return a comparison's outcome with nothing but names of platforms that need the link."""
        if len(node.comparisons) != 1 or _last_word(node.left).lower() not in _ASKED:
            return None
        target = node.comparisons[0]
        outcome = _OPERATORS.get(type(target.operator))
        if outcome is None or super().evaluate(node.left, context).exhaustive:
            return None
        values = super().evaluate(target.comparator, context)
        words: list[object] = []
        for option in values.alternatives:
            if isinstance(option, Items):
                words += [one for each in option.elements for one in each.values.alternatives]
            else:
                words.append(option)
        foreign = [isinstance(word, str) and _is_foreign(word) for word in words]
        return outcome if values.exhaustive and foreign and all(foreign) else None


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
