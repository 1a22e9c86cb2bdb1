"""The text of a Python program that an expression gives, each character with its place.

What is not known in it, such as a replacement field, is one letter that no program uses: a
name of its own in code, and an unknown part in a string.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_PROGRAM_NAMES, PYTHON_PROGRAM_TEXT
from no_libpython_dlopen.python import prefilter
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.evaluator import argument_flow
from no_libpython_dlopen.python.evaluator.abstract_values import External, Items, Mapping
from no_libpython_dlopen.python.evaluator.literals import HOLE
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

_ESCAPE = re.compile(
    r"\\(?:\r\n|x[0-9a-fA-F]{2}|[0-7]{1,3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|.)", re.DOTALL
)
_PERCENT = re.compile(r"%(?:%|(?:\((?P<key>\w*)\))?[-#0 +\d.]*(?P<kind>[a-zA-Z]))")
_FIELD = re.compile(r"\{\{|\}\}|\{(?P<key>\w*)(?:!(?P<kind>[rsa]))?(?::[^{}]*)?\}")
_INDENTED = re.compile(r"(?:[ \t]*\r?\n)*[ \t]+[^\s#]")
_DOLLAR = re.compile(r"\$(?:(?P<kind>\$)|\{?(?P<key>[^\W\d]\w*)\}?)")
#: Functions that return their first argument's text, or take it to compile or fill it in.
_WRAPPERS = frozenset({"string.Template", "compile", "builtins.compile", "str", "bytes"})
_DEDENTS = frozenset({"textwrap.dedent", "inspect.cleandoc"})
_SAME_TEXT = frozenset({"strip", "lstrip", "rstrip", "encode", "lower", "expandtabs"})


@dataclass(frozen=True, slots=True)
class Program:
    """A text, and for each of its characters the offset in the file that it comes from."""

    text: str
    origin: tuple[int, ...]

    def part(self, start: int, end: int) -> Program:
        """Return a part of the text."""
        return Program(self.text[start:end], self.origin[start:end])

    def __add__(self, other: Program) -> Program:
        return Program(self.text + other.text, self.origin + other.origin)


class ProgramTexts:
    """Reads the programs that the expressions of one file give."""

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._evaluator = evaluator
        self._positions = positions

    def programs(self, node: cst.BaseExpression) -> Iterator[Program]:
        """Yield the texts that an expression may be, as far as they are written in the file."""
        for program in self._read(node, 0):
            if len(program.text) <= PYTHON_PROGRAM_TEXT:
                yield _dedent(program) if _INDENTED.match(program.text) else program
            elif prefilter.may_contain_embedded_load(program.text.encode("utf-8", "replace")):
                analysis.note_limit(PYTHON_PROGRAM_TEXT)

    @cached_property
    def imports(self) -> Program:
        """The imports of the file, which come before a program that runs in its namespace."""
        whole = Program("", ())
        for node in descendants(self._evaluator.dataflow.module):
            if isinstance(node, (cst.Import, cst.ImportFrom)) and not (
                isinstance(node, cst.ImportFrom) and node.relative
            ):
                start, end = self._positions.span(node)
                text = self._positions.text[start:end] + "\n"
                whole += Program(text, (*range(start, end), end))
        return whole

    def _read(self, node: cst.BaseExpression, step: int) -> list[Program]:
        if step > PYTHON_PROGRAM_NAMES:
            return []
        if isinstance(node, cst.SimpleString):
            return [self._literal(node)]
        if isinstance(node, cst.FormattedString):
            return [self._template(node)]
        if isinstance(node, cst.ConcatenatedString):
            return self._join([node.left, node.right], "", step)
        if isinstance(node, cst.IfExp):
            return [*self._read(node.body, step + 1), *self._read(node.orelse, step + 1)]
        if isinstance(node, cst.NamedExpr):
            return self._read(node.value, step + 1)
        if isinstance(node, cst.Name):
            bindings = sorted(
                self._evaluator.dataflow.bindings_of(node), key=lambda one: one.serial
            )
            return [one for binding in bindings for one in self._bound_programs(binding, step)]
        if isinstance(node, cst.BinaryOperation):
            if isinstance(node.operator, cst.Add):
                return self._join([node.left, node.right], "", step)
            if isinstance(node.operator, cst.Modulo):
                given = self._percent_values(node.right)
                return [_fill(one, _PERCENT, given) for one in self._read(node.left, step + 1)]
        if isinstance(node, cst.Call):
            return self._call(node, step)
        if isinstance(node, (cst.List, cst.Tuple)):  # the lines of a file
            return self._lines(node, "", step)
        return []

    def _bound_programs(self, binding: Binding, step: int) -> list[Program]:
        """Return the programs that a name is given."""
        value = binding.value
        if binding.kind is BindingKind.PARAMETER:
            node = binding.scope.node
            found = []
            for call, _, receiver in argument_flow.callers(self._evaluator, binding.scope):
                argument = _argument(call, node, binding.name, receiver is not None)
                found += self._read(argument, step + 1) if argument is not None else []
            return found
        if value is None or binding.path:
            return []
        if binding.kind is BindingKind.AUGMENTED:
            before = [
                one for each in binding.before for one in self._bound_programs(each, step + 1)
            ]
            return [one + more for one in before for more in self._read(value, step + 1)][:4]
        if binding.kind is BindingKind.ELEMENT:
            elements = value.elements if isinstance(value, (cst.List, cst.Tuple)) else ()
            return [one for each in elements for one in self._read(each.value, step + 1)]
        return self._read(value, step + 1) if binding.kind is BindingKind.VALUE else []

    def _join(self, parts: list[cst.BaseExpression], between: str, step: int) -> list[Program]:
        """Return the text of several expressions in a row; an unknown one is a hole."""
        whole = Program("", ())
        known = False
        for index, part in enumerate(parts):
            found = self._read(part, step + 1)
            known = known or bool(found)
            at = self._positions.span(part)[0]
            one = found[0] if found else self._value(part, at)
            if index:
                whole += Program(between, (at,) * len(between))
            whole += one
        return [whole] if known else []

    def _call(self, node: cst.Call, step: int) -> list[Program]:
        called = self._evaluator.qualified_name(node.func)
        if called in _DEDENTS and node.args:
            return [_dedent(one) for one in self._read(node.args[0].value, step + 1)]
        if called in _WRAPPERS and node.args:
            return self._read(node.args[0].value, step + 1)
        func = node.func
        if not isinstance(func, cst.Attribute):
            return []
        name = func.attr.value
        if name == "join" and len(node.args) == 1:
            between = self._read(func.value, step + 1)
            return self._lines(node.args[0].value, between[0].text, step) if between else []
        if name == "replace" and len(node.args) == 2:
            old, new = (self._text(one.value) for one in node.args)
            return [_replace(one, old, new) for one in self._read(func.value, step + 1)]
        if name in ("substitute", "safe_substitute"):
            given = self._format_values(node)
            return [_fill(one, _DOLLAR, given) for one in self._read(func.value, step + 1)]
        if name == "format":
            given = self._format_values(node)
            return [_fill(one, _FIELD, given) for one in self._read(func.value, step + 1)]
        if name in _SAME_TEXT:
            return [_strip(one, name) for one in self._read(func.value, step + 1)]
        return []

    def _lines(self, node: cst.BaseExpression, between: str, step: int) -> list[Program]:
        """Return the text of a list's items in a row."""
        only = self._evaluator.evaluate(node).only
        several = [one.node for one in only.elements] if isinstance(only, Items) else []
        parts = [one for one in several if isinstance(one, cst.BaseExpression)]
        return self._join(parts, between, step) if len(parts) == len(several) > 0 else []

    # Literals

    def _literal(self, node: cst.SimpleString) -> Program:
        start = self._positions.span(node)[0] + len(node.prefix) + len(node.quote)
        return _unescape(node.raw_value, start, raw="r" in node.prefix.lower())

    def _template(self, node: cst.FormattedString) -> Program:
        raw = "r" in node.prefix.lower()
        whole = Program("", ())
        for part in node.parts:
            start = self._positions.span(part)[0]
            if isinstance(part, cst.FormattedStringText):
                text = _unescape(part.value, start, raw=raw)
                whole += _fill(text, re.compile(r"\{\{|\}\}"), lambda *_: "")
            elif isinstance(part, cst.FormattedStringExpression):
                is_code = part.conversion in ("r", "a")
                whole += self._value(part.expression, start, as_code=is_code)
        return whole

    def _value(self, node: cst.BaseExpression, at: int, *, as_code: bool = False) -> Program:
        text = self._text(node)
        text = repr(text) if as_code and HOLE not in text else text
        return Program(text, (at,) * len(text))

    def _text(self, node: cst.BaseExpression) -> str:
        """Return an expression's text, a hole where it may be several."""
        only = self._evaluator.evaluate(node).certain
        known = isinstance(only, (str, int)) and not isinstance(only, bool)
        return str(only).replace(UNKNOWN_PART, HOLE) if known else HOLE

    def _percent_values(self, node: cst.BaseExpression) -> Callable[[str | None, int], str]:
        several = [one.value for one in node.elements] if isinstance(node, cst.Tuple) else [node]

        def value(key: str | None, index: int) -> str:
            if key is not None or index >= len(several):
                return self._text_of_key(node, key or "")
            return self._text(several[index])

        return value

    def _text_of_key(self, node: cst.BaseExpression, key: str) -> str:
        """Return what a dictionary gives for a key."""
        only = self._evaluator.evaluate(node).only
        entries = dict(only.entries) if isinstance(only, Mapping) else {}
        found = entries[key].values.certain if key in entries else None
        return found.replace(UNKNOWN_PART, HOLE) if isinstance(found, str) else HOLE

    def _format_values(self, node: cst.Call) -> Callable[[str | None, int], str]:
        named = {one.keyword.value: one.value for one in node.args if one.keyword is not None}
        several = [one.value for one in node.args if one.keyword is None and not one.star]

        def value(key: str | None, index: int) -> str:
            if key and not key.isdigit():
                if key not in named and several:  # the mapping of a template
                    return self._text_of_key(several[0], key)
                return self._text(named[key]) if key in named else HOLE
            index = int(key) if key else index
            return self._text(several[index]) if index < len(several) else HOLE

        return value


def text_of_value(evaluator: Evaluator, node: cst.BaseExpression) -> str:
    """Return the certain value of an expression: a text, or the name of something from outside."""
    only = evaluator.evaluate(node).only
    if isinstance(only, External):
        return only.name
    return only if isinstance(only, str) else ""


def _argument(
    call: cst.Call, function: cst.CSTNode, name: str, is_method: bool
) -> cst.BaseExpression | None:
    """Return the expression that a call gives a parameter."""
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == name:
            return argument.value
    if not isinstance(function, (cst.FunctionDef, cst.Lambda)):
        return None
    params = [one.name.value for one in (*function.params.posonly_params, *function.params.params)]
    plain = [one for one in call.args if one.keyword is None]
    if name not in params or any(one.star for one in plain):
        return None
    index = params.index(name) - is_method
    return plain[index].value if 0 <= index < len(plain) else None


def _unescape(written: str, start: int, *, raw: bool) -> Program:
    """Return the text of a literal's characters, which begin at an offset."""
    whole = Program(written, tuple(range(start, start + len(written))))
    if raw or "\\" not in written:
        return whole
    text: list[str] = []
    origin: list[int] = []
    end = 0
    for match in _ESCAPE.finditer(written):
        one = _meaning(match[0])
        text += [written[end : match.start()], one]
        origin += [*whole.origin[end : match.start()], *[start + match.start()] * len(one)]
        end = match.end()
    return Program("".join(text), tuple(origin)) + whole.part(end, len(written))


def _meaning(escape: str) -> str:
    """Return the characters that an escape sequence stands for."""
    if escape[1:] in ("\n", "\r\n"):
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return str(ast.literal_eval(f'"{escape}"' if escape != '\\"' else "'\"'"))
    except (SyntaxError, ValueError):
        return escape


def _fill(
    template: Program, fields: re.Pattern[str], value: Callable[[str | None, int], str]
) -> Program:
    """Return a template with its fields filled in."""
    whole, end, index = Program("", ()), 0, 0
    for match in fields.finditer(template.text):
        whole += template.part(end, match.start())
        if match[0] in ("%%", "{{", "}}", "$$"):
            text = match[0][0]
        else:
            text = value(match["key"], index)
            text = repr(text) if match["kind"] in ("r", "a") and HOLE not in text else text
            index += 1
        whole += Program(text, (template.origin[match.start()],) * len(text))
        end = match.end()
    return whole + template.part(end, len(template.text))


def _replace(program: Program, old: str, new: str) -> Program:
    """Return a program with each occurrence of a text replaced, where both are known."""
    whole, end = Program("", ()), 0
    if not old or HOLE in old:
        return program
    while (at := program.text.find(old, end)) >= 0:
        whole += program.part(end, at) + Program(new, (program.origin[at],) * len(new))
        end = at + len(old)
    return whole + program.part(end, len(program.text))


def _strip(program: Program, method: str) -> Program:
    text = program.text
    first = len(text) - len(text.lstrip()) if method in ("strip", "lstrip") else 0
    last = len(text.rstrip()) if method in ("strip", "rstrip") else len(text)
    return program.part(first, max(first, last))


def _dedent(program: Program) -> Program:
    """Return a program without the blanks that all of its lines begin with."""
    lines, start = [], 0
    for line in program.text.splitlines(keepends=True):
        lines.append((start, line))
        start += len(line)
    widths = [len(line) - len(line.lstrip()) for _, line in lines if line.strip()]
    width = min(widths, default=0)
    whole = Program("", ())
    for at, line in lines:
        kept = width if line.strip() else len(line.rstrip("\r\n"))
        whole += program.part(at + kept, at + len(line))
    return whole
