"""Evaluates the methods of Meson's objects: strings, lists, compilers, machines, Python itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from no_libpython_dlopen.buildsystems.common.link_graph import ReferenceKind
from no_libpython_dlopen.buildsystems.meson import syntax_tree as syntax
from no_libpython_dlopen.buildsystems.meson.abstract_values import (
    UNKNOWN,
    Atom,
    Value,
    compilers,
    compose,
    entry,
    equal,
    fill_places,
    string_test,
    systems,
    truth_of,
    union,
)
from no_libpython_dlopen.buildsystems.meson.call_arguments import Arguments
from no_libpython_dlopen.buildsystems.meson.model import State
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART, is_link_library
from no_libpython_dlopen.knowledge.link_references import SYSCONFIG_VARIABLES
from no_libpython_dlopen.knowledge.three_valued import any_of

_MACHINES = frozenset({"host_machine", "target_machine", "build_machine"})
#: Compilers' macros that are not defined on plain Unix.
_FOREIGN_MACROS = re.compile(r"_WIN32|_WIN64|WIN32|__CYGWIN__|__MINGW\w*|_MSC_VER|__ANDROID__")


class MethodCall:
    """A call of a method: where it is, what it is given, and what it is called on."""

    def __init__(
        self, state: State, node: syntax.Call, owner: syntax.Expression, given: Arguments
    ) -> None:
        self.state = state
        self.node = node
        self.owner_node = owner
        self.given = given

    @cached_property
    def owner(self) -> Value:
        """The abstract value of the object."""
        return self.state.value(self.owner_node)

    def computed_string(self, text: str, kind: ReferenceKind | None = None) -> Value:
        """Return a string that the call computes."""
        node = self.node
        return compose(kind, text, node.start, node.end, self.state.file)


def value(call: MethodCall) -> Value | None:
    """Return the abstract value of a method's call, ``None`` for a method that is not known."""
    method = _METHODS.get(call.node.name)
    found = method(call) if method else None
    if found is None:
        _ = call.owner  # what it links is noted, whatever the method does
    return found


def find_library(state: State, node: syntax.Call, given: Arguments) -> Value:
    """Return the library that ``compiler.find_library`` finds."""
    if any(is_link_library(atom.text) for atom in given.texts()):
        name = given.text() or ""
        return Value((Atom(ReferenceKind.FOUND, name, node.start, node.end, state.file),))
    state.project.note_other_library(state.file, (node.start, node.end))
    return UNKNOWN


def embedding_dependency(state: State, node: syntax.Call, given: Arguments) -> Value | None:
    """Return ``dependency(embed: true)``'s value; the keyword is the atom."""
    found = given.named.get("embed")
    if found is None or found.truth is not True:
        return None
    for index, item in enumerate(node.arguments.items):
        if item.keyword == "embed":
            text = state.file.text[item.start : item.end]
            home = (node.arguments, index)
            kind = ReferenceKind.KEYWORD
            return Value((Atom(kind, text, item.start, item.end, state.file, home),))
    return Value((Atom(ReferenceKind.KEYWORD, "embed", node.start, node.end, state.file),))


# -- machines and compilers -------------------------------------------------------------


def _system(call: MethodCall) -> Value | None:
    is_machine = getattr(call.owner_node, "name", "") in _MACHINES
    return systems(call.state.platform) if is_machine else None


def _compiler_id(call: MethodCall) -> Value:
    return compilers(call.state.platform)


def _argument_syntax(call: MethodCall) -> Value:
    return Value(choices=("gcc",)) if call.state.platform.systems else UNKNOWN


def _has_define(call: MethodCall) -> Value | None:
    if not _FOREIGN_MACROS.fullmatch(call.given.text() or ""):
        return None
    return truth_of(False if call.state.platform.systems else None)


# -- Python and dependencies ------------------------------------------------------------


def _dependency(call: MethodCall) -> Value:
    return embedding_dependency(call.state, call.node, call.given) or UNKNOWN


def _find_library(call: MethodCall) -> Value:
    return find_library(call.state, call.node, call.given)


def _language_version(call: MethodCall) -> Value:
    return call.computed_string(f"3.{UNKNOWN_PART}")


def _variable(call: MethodCall) -> Value | None:
    if call.given.text() not in SYSCONFIG_VARIABLES:
        return None
    return call.computed_string(f"libpython3.{UNKNOWN_PART}.so", ReferenceKind.SYSCONFIG)


def _partial_dependency(call: MethodCall) -> Value:
    wanted = [call.given.named.get(key, UNKNOWN).truth for key in ("link_args", "links")]
    return call.owner if True in wanted else UNKNOWN


# -- strings, lists and dictionaries ----------------------------------------------------


def _string_test(call: MethodCall) -> Value:
    owner, name, text = call.owner, call.node.name, call.given.text()
    if owner.is_list and name == "contains" and call.given.positional:
        wanted = call.given.positional[0]
        texts = [atom.text for atom in owner.atoms if atom.kind is None]
        return truth_of(any_of([equal(wanted, Value(text=text)) for text in texts]))
    if owner.is_list or text is None or UNKNOWN_PART in text:
        return truth_of(None)
    return truth_of(string_test(owner, name, text))


def _changes_text(change: Callable[[str], str]) -> Callable[[MethodCall], Value | None]:
    """Return the method that changes a string; a list of them is not known."""

    def method(call: MethodCall) -> Value | None:
        owner = call.owner
        if owner.text is None and not owner.choices:
            return None
        text = None if owner.text is None else change(owner.text)
        return Value((), text, choices=tuple(change(choice) for choice in owner.choices))

    return method


def _strip(call: MethodCall) -> Value:
    changed = _changes_text(str.strip)(call)
    if changed is None:
        return call.owner
    return Value(call.owner.atoms, changed.text, choices=changed.choices)


def _format(call: MethodCall) -> Value | None:
    text = call.owner.text
    return None if text is None else call.computed_string(fill_places(text, call.given.positional))


def _join(call: MethodCall) -> Value:
    return union(call.given.positional)


def _get(call: MethodCall) -> Value:
    key, *default = call.given.positional or [UNKNOWN]
    return entry(call.owner, key, union(default))


def _split_text(call: MethodCall) -> Value:
    """Return the words of a string, each where it is written if the string is a literal."""
    node, literal, file = call.node, call.owner_node, call.state.file
    if not isinstance(literal, syntax.String) or node.arguments.items:
        words = (call.owner.text or "").split()
        texts = [Atom(None, word, node.start, node.end, file) for word in words]
        kept = [atom for atom in call.owner.atoms if atom.kind is not None]
        return Value((*kept, *texts), is_list=True)
    inner = literal.inner
    return Value(
        tuple(
            Atom(None, m[0], inner + m.start(), inner + m.end(), file, within=True)
            for m in re.finditer(r"\S+", literal.text)
        ),
        is_list=True,
    )


def _owner(call: MethodCall) -> Value:
    """Return the object itself, which the result is as far as links go."""
    return call.owner


def _unknown(call: MethodCall) -> Value:
    _ = call.owner
    return UNKNOWN


_METHODS: dict[str, Callable[[MethodCall], Value | None]] = {
    "system": _system,
    "get_id": _compiler_id,
    "get_linker_id": _compiler_id,
    "get_argument_syntax": _argument_syntax,
    "has_define": _has_define,
    "dependency": _dependency,
    "find_library": _find_library,
    "language_version": _language_version,
    "get_variable": _variable,
    "get_configtool_variable": _variable,
    "partial_dependency": _partial_dependency,
    **dict.fromkeys(("startswith", "endswith", "contains"), _string_test),
    "to_lower": _changes_text(str.lower),
    "to_upper": _changes_text(str.upper),
    "strip": _strip,
    "format": _format,
    "join": _join,
    "split": _split_text,
    "get": _get,
    **dict.fromkeys(("stdout", "to_string", "replace", "as_system", "flatten"), _owner),
    **dict.fromkeys(("found", "version", "name", "type_name", "to_int"), _unknown),
    **dict.fromkeys(("length", "full_path"), _unknown),
}
