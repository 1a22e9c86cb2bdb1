"""The text of a Python program that an expression gives, each character with its place.

What is not known in it, such as a replacement field, is one letter that no program uses: a
name of its own in code, and an unknown part in a string.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import chain

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_PROGRAM_NAMES, PYTHON_PROGRAM_TEXT
from no_libpython_dlopen.python import prefilter
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Conditions
from no_libpython_dlopen.python.evaluator import argument_flow, subscripts
from no_libpython_dlopen.python.evaluator.abstract_values import (
    Class,
    External,
    Function,
    Instance,
    Items,
    Mapping,
    Method,
)
from no_libpython_dlopen.python.evaluator.literals import HOLE
from no_libpython_dlopen.python.evaluator.narrowing.excluded_values import possible_values
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.loader_arguments import is_libpython_name
from no_libpython_dlopen.python.programs.program import (
    Program,
    dedent,
    fill_text,
    indent_text,
    join,
    literal_of,
    quote_text,
    replace_text,
    strip_text,
    unescape_text,
)
from no_libpython_dlopen.python.syntax.calls import keywords, positional
from no_libpython_dlopen.python.syntax.parse import descendants, last_word, nodes_of
from no_libpython_dlopen.python.syntax.positions import Positions
from no_libpython_dlopen.python.vocabulary import may_hold_load

_PERCENT = re.compile(r"%(?:%|(?:\((?P<key>\w*)\))?[-#0 +\d.]*(?P<kind>[a-zA-Z]))")
_FIELD = re.compile(r"\{\{|\}\}|\{(?P<key>\w*)(?:!(?P<kind>[rsa]))?(?::[^{}]*)?\}")
_INDENTED = re.compile(r"(?:[ \t]*\r?\n)*[ \t]+[^\s#]")
_DOLLAR = re.compile(r"\$(?:(?P<kind>\$)|\{?(?P<key>[^\W\d]\w*)\}?)")
#: Functions that return their first argument's text, or take it to compile or fill it in.
_WRAPPERS = frozenset({"string.Template", "compile", "builtins.compile", "str", "bytes"})
_SHELL_QUOTING = frozenset({"shlex.quote", "pipes.quote"})
_DEDENTS = frozenset({"textwrap.dedent", "inspect.cleandoc"})
#: Expressions that are a text, or a name of one.
_TEXTS = (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString, cst.Name, cst.Attribute)
#: Functions that give a text as it is written in code.
_QUOTING = frozenset({"repr", "ascii", "dumps"})
_SAME_TEXT = frozenset({"strip", "lstrip", "rstrip", "encode", "lower", "expandtabs"})


class ProgramTexts:
    """Reads the programs that the expressions of one file give."""

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._evaluator = evaluator
        self._positions = positions
        #: The tests on the way to what is read.
        self._conditions: Conditions = ()

    def programs(self, node: cst.BaseExpression, conditions: Conditions = ()) -> Iterator[Program]:
        """Yield the texts that an expression may be, as far as they are written in the file."""
        self._conditions = conditions
        for program in self._read(node, 0):
            if len(program.text) <= PYTHON_PROGRAM_TEXT:
                yield dedent(program) if _INDENTED.match(program.text) else program
            elif prefilter.may_contain_embedded_load(program.text.encode("utf-8", "replace")):
                analysis.note_limit(PYTHON_PROGRAM_TEXT)

    def lines(self, parts: list[cst.BaseExpression], between: str) -> list[Program]:
        """Return the text that is written in several parts, without those that are not known."""
        known = [one for part in parts for one in self._read(part, 0)[:1]]
        ends = (Program(between, one.origin[-1:] * len(between)) for one in known)
        whole = join(chain.from_iterable(zip(known, ends, strict=True)))
        return [whole] if len(known) > 1 and len(whole.text) <= PYTHON_PROGRAM_TEXT else []

    @cached_property
    def imports(self) -> Program:
        """The imports of the file, which come before a program that runs in its namespace."""
        whole = Program("", ())
        for node in nodes_of(self._evaluator.dataflow.module, cst.Import, cst.ImportFrom):
            if not (isinstance(node, cst.ImportFrom) and node.relative):
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
            return self._read_all([node.body, node.orelse], step)
        if isinstance(node, cst.NamedExpr):
            return self._read(node.value, step + 1)
        if isinstance(node, cst.Name):
            bindings = sorted(
                self._evaluator.dataflow.bindings_of(node), key=lambda one: one.serial
            )
            found = [one for binding in bindings for one in self._bound_programs(binding, step)]
            return found or self._whole_texts(node)
        if isinstance(node, cst.BinaryOperation):
            if isinstance(node.operator, cst.Add):
                return self._join([node.left, node.right], "", step)
            if isinstance(node.operator, cst.Modulo):
                given = self._percent_values(node.right)
                return [fill_text(one, _PERCENT, given) for one in self._read(node.left, step + 1)]
        if isinstance(node, cst.Call):
            return self._call(node, step)
        if isinstance(node, (cst.Attribute, cst.Subscript)):
            return self._read_all(self._sources(node), step) or self._whole_texts(node)
        if isinstance(node, (cst.List, cst.Tuple)):  # the lines of a file
            return self._lines(node, "", step)
        return []

    def _sources(self, node: cst.BaseExpression) -> list[cst.BaseExpression]:
        """Return the expressions of the file that give an item, an attribute or a call's result."""
        found: list[cst.CSTNode | None] = []
        if isinstance(node, cst.Subscript):
            owner = self._evaluator.evaluate(node.value).only
            key = subscripts.key_of(self._evaluator, node, None).only
            if isinstance(owner, Mapping):
                found = [one.node for each, one in owner.entries if each == key]
            elif isinstance(owner, Items) and isinstance(key, int):
                found = [one.node for one in owner.elements[key:][:1]]
        elif isinstance(node, cst.Attribute):
            for owner in self._evaluator.evaluate(node.value).alternatives:
                cls = owner.cls if isinstance(owner, Instance) else owner
                bound = cls.scope.exit.get(node.attr.value, ()) if isinstance(cls, Class) else ()
                found += [one.value for one in bound if one.kind is BindingKind.VALUE]
        elif isinstance(node, cst.Call):
            for one in self._evaluator.evaluate(node.func).alternatives:
                function = one.function if isinstance(one, Method) else one
                if isinstance(function, Function):
                    self._evaluator.dataflow.walk_function(function.scope)
                    found += [each.value for each in function.scope.returns]
        return [one for one in found if isinstance(one, cst.BaseExpression)]

    def _whole_texts(self, node: cst.BaseExpression) -> list[Program]:
        """Return the texts of an expression that are not written in the file, all at its place."""
        several = self._evaluator.evaluate(node).alternatives
        texts = [one for one in several if isinstance(one, str) and may_hold_load(one)]
        at = self._positions.span(node)[0] if texts else 0
        return [Program(one.replace(UNKNOWN_PART, HOLE), (at,) * len(one)) for one in texts]

    def _read_all(self, several: list[cst.BaseExpression], step: int) -> list[Program]:
        return [one for each in several for one in self._read(each, step + 1)]

    def _bound_programs(self, binding: Binding, step: int) -> list[Program]:
        """Return the programs that a name is given."""
        value = binding.value
        if binding.kind is BindingKind.PARAMETER:
            node = binding.scope.node
            found = []
            for call, _, receiver in argument_flow.callers(self._evaluator, binding.scope):
                argument = _argument(call, node, binding.name, receiver is not None)
                found += self._read(argument, step + 1) if argument is not None else []
            return found or self._read_all(self._given_by_marks(binding), step)
        if value is None or (binding.path and binding.kind is not BindingKind.ELEMENT):
            return []
        if binding.kind is BindingKind.AUGMENTED:
            before = [
                one for each in binding.before for one in self._bound_programs(each, step + 1)
            ]
            return [one + more for one in before for more in self._read(value, step + 1)][:4]
        if binding.kind is BindingKind.ELEMENT:
            return self._read_all(self._items(binding), step)
        if binding.kind is not BindingKind.VALUE:
            return []
        outer = self._conditions
        self._conditions = (*outer, *binding.conditions)
        try:
            return self._read(value, step + 1)
        finally:
            self._conditions = outer

    def _given_by_marks(self, binding: Binding) -> list[cst.BaseExpression]:
        """Return the programs that the decorators of a test give a parameter, as expressions."""
        node, values = binding.scope.node, self._evaluator.binding_value(binding)
        texts = {one for one in values.alternatives if isinstance(one, str) and may_hold_load(one)}
        marks = node.decorators if texts and isinstance(node, cst.FunctionDef) else ()
        todo: list[cst.CSTNode] = [one.decorator for one in marks]
        found: list[cst.BaseExpression] = []
        seen: set[cst.CSTNode] = set()
        while todo:
            part = todo.pop()
            if part in seen:
                continue
            seen.add(part)
            several = [one for one in descendants(part) if isinstance(one, _TEXTS)]
            found += [one for one in several if self._evaluator.evaluate(one).only in texts]
            for name in several:  # of the rows
                bound = self._evaluator.dataflow.uses.get(name, ())
                todo += [one.value for one in bound if isinstance(one.value, (cst.List, cst.Tuple))]
        return found

    def _items(self, binding: Binding) -> list[cst.BaseExpression]:
        """Return the expressions that a loop's name takes its values from."""
        whole = self._evaluator.evaluate(binding.value).only if binding.value else None
        found = list(whole.elements) if isinstance(whole, Items) else []
        for step in binding.path:
            inner = [one.values.only for one in found]
            rows = [one.elements for one in inner if isinstance(one, Items)]
            found = [row[step] for row in rows if isinstance(step, int) and step < len(row)]
        return [one.node for one in found if isinstance(one.node, cst.BaseExpression)]

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
            return [dedent(one) for one in self._read(node.args[0].value, step + 1)]
        if called in _SHELL_QUOTING and node.args:
            return [quote_text(one) for one in self._read(node.args[0].value, step + 1)]
        if called == "textwrap.indent" and len(node.args) > 1:
            prefix = self._text(node.args[1].value)
            return [indent_text(one, prefix) for one in self._read(node.args[0].value, step + 1)]
        if called in _WRAPPERS and node.args:
            return self._read(node.args[0].value, step + 1)
        sources = self._sources(node)
        if sources:
            return self._read_all(sources, step)
        func = node.func
        if not isinstance(func, cst.Attribute):
            return self._whole_texts(node)
        name = func.attr.value
        if name == "join" and len(node.args) == 1:
            between = self._read(func.value, step + 1)
            return self._lines(node.args[0].value, between[0].text, step) if between else []
        if name == "replace" and len(node.args) == 2:
            old, new = (self._text(one.value) for one in node.args)
            return [replace_text(one, old, new) for one in self._read(func.value, step + 1)]
        if name in ("substitute", "safe_substitute"):
            given = self._format_values(node)
            return [fill_text(one, _DOLLAR, given) for one in self._read(func.value, step + 1)]
        if name == "format":
            given = self._format_values(node)
            return [fill_text(one, _FIELD, given) for one in self._read(func.value, step + 1)]
        if name in _SAME_TEXT:
            return [strip_text(one, name) for one in self._read(func.value, step + 1)]
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
        return unescape_text(node.raw_value, start, raw="r" in node.prefix.lower())

    def _template(self, node: cst.FormattedString) -> Program:
        raw = "r" in node.prefix.lower()
        whole = Program("", ())
        for part in node.parts:
            start = self._positions.span(part)[0]
            if isinstance(part, cst.FormattedStringText):
                text = unescape_text(part.value, start, raw=raw)
                whole += fill_text(text, re.compile(r"\{\{|\}\}"), lambda *_: "")
            elif isinstance(part, cst.FormattedStringExpression):
                is_code = part.conversion in ("r", "a")
                quoted = self._read(part.expression, 0) if self._quotes(part.expression) else []
                whole += (
                    quoted[0] if quoted else self._value(part.expression, start, as_code=is_code)
                )
        return whole

    def _quotes(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression is a text as one word of a shell's command."""
        if not isinstance(node, cst.Call) or not node.args:
            return False
        return self._evaluator.qualified_name(node.func) in _SHELL_QUOTING

    def _value(self, node: cst.BaseExpression, at: int, *, as_code: bool = False) -> Program:
        text = self._text(node)
        text = literal_of(text) if as_code else text
        return Program(text, (at,) * len(text))

    def _text(self, node: cst.BaseExpression) -> str:
        """Return an expression's text; of several texts one that names libpython, or else a hole."""
        if isinstance(node, cst.Call) and self._quotes(node):
            text = self._text(node.args[0].value)
            return text if HOLE in text else quote_text(Program(text, (0,) * len(text))).text
        if isinstance(node, cst.Call) and len(node.args) == 1 and last_word(node.func) in _QUOTING:
            return literal_of(self._text(node.args[0].value))
        value = self._evaluator.evaluate(node)
        if value.certain is None:
            value = possible_values(self._evaluator, node, self._conditions, value, None)
            only = next((one for one in value.alternatives if is_libpython_name(one)), None)
        else:
            only = value.certain
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
        """Return the text of a dictionary for a key, a hole if it is not known."""
        only = self._evaluator.evaluate(node).only
        entries = dict(only.entries) if isinstance(only, Mapping) else {}
        found = entries[key].values.certain if key in entries else None
        return found.replace(UNKNOWN_PART, HOLE) if isinstance(found, str) else HOLE

    def _format_values(self, node: cst.Call) -> Callable[[str | None, int], str]:
        named, several = keywords(node), positional(node)

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
    if (given := keywords(call).get(name)) is not None:
        return given
    if not isinstance(function, (cst.FunctionDef, cst.Lambda)):
        return None
    params = [one.name.value for one in (*function.params.posonly_params, *function.params.params)]
    plain = [one for one in call.args if one.keyword is None]
    if name not in params or any(one.star for one in plain):
        return None
    index = params.index(name) - is_method
    return plain[index].value if 0 <= index < len(plain) else None
