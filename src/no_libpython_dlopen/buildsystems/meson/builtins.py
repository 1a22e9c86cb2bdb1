"""Evaluates Meson's functions and methods; some of them make or link targets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from no_libpython_dlopen.buildsystems.common.link_graph import ReferenceKind, Target, TargetKind
from no_libpython_dlopen.buildsystems.meson import parser as syntax
from no_libpython_dlopen.buildsystems.meson.abstract_values import (
    UNKNOWN,
    Atom,
    Value,
    compilers,
    compose,
    equal,
    fill_places,
    string_test,
    systems,
    truth_of,
    union,
)
from no_libpython_dlopen.buildsystems.meson.model import State
from no_libpython_dlopen.knowledge.extension_names import has_module_tag, names_module_suffix
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART, is_link_library
from no_libpython_dlopen.knowledge.link_references import (
    SYSCONFIG_VARIABLES,
    is_embedding_package,
    prints_libpython,
)
from no_libpython_dlopen.knowledge.three_valued import any_of

#: Functions that make a target which is no extension module.
_TARGETS = frozenset(
    {
        *("executable", "library", "shared_library", "static_library", "both_libraries"),
        *("build_target", "jar", "shared_module"),
    }
)
#: Keywords of a target that put something on its link line, and whether they list flags.
_LINKING = {"link_args": True, "objects": True, "dependencies": False}
#: Checks of the compiler's that a dependency's link does not change.
_CHECKS = frozenset(
    {
        *("compiles", "has_header", "check_header", "has_header_symbol", "has_type", "sizeof"),
        *("has_member", "has_members", "get_define", "compute_int", "alignment", "preprocess"),
    }
)
_MACHINES = frozenset({"host_machine", "target_machine", "build_machine"})
#: Compilers' macros that are not defined on plain Unix.
_FOREIGN_MACROS = re.compile(r"_WIN32|_WIN64|WIN32|__CYGWIN__|__MINGW\w*|_MSC_VER|__ANDROID__")
#: Methods that give back what they are called on, as far as links go.
_PASSING = frozenset({"stdout", "strip", "to_string", "replace", "get", "as_system", "flatten"})
#: Where this is called on a helper for Python, the place is Python's own for modules.
_INSTALL_DIR = re.compile(r"get_install_dir|get_path|site-packages|dist-packages|purelib|platlib")


def at_home(
    value: Value, node: syntax.Expression, home: tuple[syntax.Listing, int] | syntax.Assignment
) -> Value:
    """Return a value whose atom, if it is all of ``node``, can be deleted from ``home``.

    Of several atoms of one place, the words of a text that was split, none can.
    """
    here = [atom for atom in value.atoms if (atom.start, atom.end) == (node.start, node.end)]
    if len(here) != 1 or here[0].home:
        return value
    atoms = (replace(atom, home=home) if atom is here[0] else atom for atom in value.atoms)
    return replace(value, atoms=tuple(atoms))


def value(state: State, call: syntax.Call) -> Value:
    """Return the abstract value of a call; targets and what they link are noted on the way."""
    given = _Arguments(state, call)
    if call.name == "extension_module" and call.owner is not None:
        _target(state, call, given, module=True)
        return UNKNOWN
    if call.owner is None:
        if call.name in _TARGETS:
            _target(state, call, given, module=_has_module_naming(state, call, given))
            return UNKNOWN
        function = _FUNCTIONS.get(call.name)
        if function is not None:
            return function(state, call, given)
    elif (known := _method(state, call, given)) is not None:
        return known
    if call.name not in _CHECKS:
        _other_use(state, call, given)
    return UNKNOWN


class _Arguments:
    """A call's arguments: values by position and by keyword."""

    def __init__(self, state: State, call: syntax.Call) -> None:
        whole = call.arguments
        self.positional: list[Value] = []
        self.named: dict[str, Value] = {}
        for index, item in enumerate(whole.items):
            found = at_home(state.value(item.value), item.value, (whole, index))
            if item.keyword:
                self.named[item.keyword] = found
            else:
                self.positional.append(found)
        more = self.named.pop("kwargs", UNKNOWN)
        for name, found in (more.keys or {}).items():
            self.named.setdefault(name, found)

    def text(self, index: int = 0) -> str | None:
        """Return the one string that is given at a position."""
        return self.positional[index].text if index < len(self.positional) else None

    def texts(self) -> Iterator[Atom]:
        """Yield the strings given by position."""
        for found in self.positional:
            yield from (atom for atom in found.atoms if atom.kind is None)

    def references(self) -> Iterator[Atom]:
        """Yield the references to libpython in the keywords that link."""
        return (atom for atom, libpython in self.linking() if libpython)

    def linking(self) -> Iterator[tuple[Atom, bool]]:
        """Yield the items of the keywords that link, and whether each refers to libpython."""
        for name, flags in _LINKING.items():
            for atom in self.named.get(name, UNKNOWN).atoms:
                yield atom, atom.is_reference(flags)


# -- targets ----------------------------------------------------------------------------


def _target(state: State, call: syntax.Call, given: _Arguments, *, module: bool) -> None:
    """Keep a target, and what it links."""
    name = given.text() or ""
    kind = TargetKind.PROGRAM if call.name == "executable" else TargetKind.LIBRARY
    target = Target(
        "" if UNKNOWN_PART in name else name, TargetKind.EXTENSION_MODULE if module else kind
    )
    state.targets.append(target)
    for atom, libpython in dict.fromkeys(given.linking()):
        if libpython:
            state.project.link(atom, target, state.platform, call, state.file)
        elif atom.file is state.project.current:
            state.project.graph.other_libraries.add((atom.start, atom.end))


def _other_use(state: State, call: syntax.Call, given: _Arguments) -> None:
    """Something that is no target is given what means libpython: it may hand it on."""
    for found in (*given.positional, *given.named.values()):
        for atom in found.atoms:
            if atom.kind is not None:
                target = Target("", TargetKind.UNKNOWN)
                state.project.link(atom, target, state.platform, call, state.file)


def _has_module_naming(state: State, call: syntax.Call, given: _Arguments) -> bool:
    """Return whether a library is named and installed as Python's extension modules are."""
    if call.name not in ("shared_module", "shared_library"):
        return False
    if given.named.get("name_prefix", UNKNOWN).text != "":
        return False
    suffix = given.named.get("name_suffix", UNKNOWN)
    if has_module_tag(given.text() or "") or names_module_suffix(suffix.text or ""):
        return True
    written = {
        item.keyword: state.file.text[item.start : item.end]
        for item in call.arguments.items
        if item.keyword in ("install_dir", "name_suffix")
    }
    return bool(
        _INSTALL_DIR.search(written.get("install_dir", ""))
        or names_module_suffix(written.get("name_suffix", ""))
    )


# -- functions --------------------------------------------------------------------------


def _declare_dependency(_state: State, _call: syntax.Call, given: _Arguments) -> Value:
    atoms = (
        replace(atom, kind=ReferenceKind.FLAG) if atom.kind is None else atom
        for atom in given.references()
    )
    return Value(tuple(dict.fromkeys(atoms)))


def _dependency(state: State, call: syntax.Call, given: _Arguments) -> Value:
    """``dependency('python3-embed')``; the name is the atom."""
    if (embedded := _embed(state, call, given)) is not None:
        return embedded
    atoms = [
        replace(atom, kind=ReferenceKind.PACKAGE)
        for atom in given.texts()
        if is_embedding_package(atom.text)
    ]
    fallback = given.named.get("fallback", UNKNOWN)
    return Value((*atoms, *(atom for atom in fallback.atoms if atom.kind is not None)))


def _embed(state: State, call: syntax.Call, given: _Arguments) -> Value | None:
    """Return ``dependency(embed: true)``'s value; the keyword is the atom."""
    found = given.named.get("embed")
    if found is None or found.truth is not True:
        return None
    for index, item in enumerate(call.arguments.items):
        if item.keyword == "embed":
            home = (call.arguments, index)
            text = state.file.text[item.start : item.end]
            return Value(
                (Atom(ReferenceKind.KEYWORD, text, item.start, item.end, state.file, home),)
            )
    return Value((Atom(ReferenceKind.KEYWORD, "embed", call.start, call.end, state.file),))


def _run_command(_state: State, _call: syntax.Call, given: _Arguments) -> Value:
    """What ``python3-config`` and sysconfig print is known in part."""
    atoms = list(given.texts())
    whole = " ".join(atom.text for atom in atoms)
    if "-config" in whole and ("--ldflags" in whole or "--libs" in whole):
        return Value(
            tuple(
                replace(atom, kind=ReferenceKind.CONFIG) for atom in atoms if atom.text == "--embed"
            )
        )
    return Value(
        tuple(
            replace(atom, kind=ReferenceKind.SYSCONFIG, home=None)
            for atom in atoms
            if prints_libpython(atom.text)
        )
    )


def _join_paths(state: State, call: syntax.Call, given: _Arguments) -> Value:
    text = "/".join(
        UNKNOWN_PART if found.text is None else found.text for found in given.positional
    )
    printed = any(
        atom.kind is ReferenceKind.SYSCONFIG for found in given.positional for atom in found.atoms
    )
    kind = ReferenceKind.SYSCONFIG if printed else None
    return compose(kind, text, call.start, call.end, state.file)


def _set_variable(state: State, _call: syntax.Call, given: _Arguments) -> Value:
    name = given.text()
    if name is not None and len(given.positional) > 1:
        state.variables[name] = given.positional[1]
    return UNKNOWN


def _get_variable(state: State, _call: syntax.Call, given: _Arguments) -> Value:
    fallback = given.positional[1] if len(given.positional) > 1 else UNKNOWN
    return state.variables.get(given.text() or "", fallback)


def _subdir(state: State, _call: syntax.Call, given: _Arguments) -> Value:
    name = given.text()
    file = None
    if name is not None and UNKNOWN_PART not in name and state.file.path:
        folder = os.path.dirname(state.file.path)
        file = state.project.open(os.path.join(folder, name, "meson.build"))
    if file is None or file.path in state.open_files:
        state.project.graph.is_complete = False
    else:
        state.enter(file)
    return UNKNOWN


def _for_all(state: State, call: syntax.Call, given: _Arguments) -> Value:
    """``add_project_link_arguments``: flags for every target of the project."""
    for found in given.positional:
        state.general.extend(
            (atom, call, state.file) for atom in found.atoms if atom.is_reference(True)
        )
    return UNKNOWN


def _nothing(_state: State, _call: syntax.Call, _given: _Arguments) -> Value:
    return UNKNOWN


_FUNCTIONS: dict[str, Callable[[State, syntax.Call, _Arguments], Value]] = {
    "declare_dependency": _declare_dependency,
    "dependency": _dependency,
    "run_command": _run_command,
    "join_paths": _join_paths,
    "set_variable": _set_variable,
    "get_variable": _get_variable,
    "subdir": _subdir,
    "add_project_link_arguments": _for_all,
    "add_global_link_arguments": _for_all,
    "message": _nothing,
    "warning": _nothing,
    "summary": _nothing,
    "assert": _nothing,
}

# -- methods ----------------------------------------------------------------------------


def _method(state: State, call: syntax.Call, given: _Arguments) -> Value | None:
    """Return the abstract value of a method's call, ``None`` for one that is not known."""
    name = call.name
    assert call.owner is not None
    if name == "dependency":
        return _embed(state, call, given) or UNKNOWN
    if name == "find_library":
        return _find_library(state, call, given)
    if name == "system" and getattr(call.owner, "name", "") in _MACHINES:
        return systems(state.platform)
    if name in ("get_id", "get_linker_id"):
        return compilers(state.platform)
    if name == "get_argument_syntax":
        return Value(choices=("gcc",)) if state.platform.systems else UNKNOWN
    if name == "has_define" and _FOREIGN_MACROS.fullmatch(given.text() or ""):
        return truth_of(False if state.platform.systems else None)
    if name == "language_version":
        text = f"3.{UNKNOWN_PART}"
        return compose(None, text, call.start, call.end, state.file)
    if name in ("get_variable", "get_configtool_variable") and given.text() in SYSCONFIG_VARIABLES:
        text = f"libpython3.{UNKNOWN_PART}.so"
        return compose(ReferenceKind.SYSCONFIG, text, call.start, call.end, state.file)
    owner = state.value(call.owner)
    if name in ("startswith", "endswith", "contains"):
        return truth_of(_string_test(owner, name, given))
    if name in ("to_lower", "to_upper", "strip") and (owner.choices or owner.text is not None):
        return _change_case(owner, name)
    if name == "format" and owner.text is not None:
        text = fill_places(owner.text, given.positional)
        return compose(None, text, call.start, call.end, state.file)
    if name == "join":
        return union(given.positional)
    if name == "split":
        return _split(state, call, owner)
    if name == "partial_dependency":
        wanted = [given.named.get(key, UNKNOWN).truth for key in ("link_args", "links")]
        return owner if True in wanted else UNKNOWN
    if name == "get" and owner.keys is not None:
        return owner.keys.get(given.text() or "", union(given.positional[1:]))
    if name in _PASSING:
        return owner
    if name in ("found", "version", "name", "type_name", "to_int", "length", "full_path"):
        return UNKNOWN
    return None


def _find_library(state: State, call: syntax.Call, given: _Arguments) -> Value:
    if any(is_link_library(atom.text) for atom in given.texts()):
        return Value(
            (Atom(ReferenceKind.FOUND, given.text() or "", call.start, call.end, state.file),)
        )
    if state.file is state.project.current:
        state.project.graph.other_libraries.add((call.start, call.end))
    return UNKNOWN


def _string_test(owner: Value, name: str, given: _Arguments) -> bool | None:
    if owner.is_list:
        if name != "contains" or not given.positional:
            return None
        texts = [atom.text for atom in owner.atoms if atom.kind is None]
        return any_of([equal(given.positional[0], Value(text=text)) for text in texts])
    text = given.text()
    return None if text is None or UNKNOWN_PART in text else string_test(owner, name, text)


def _change_case(owner: Value, name: str) -> Value:
    changes: dict[str, Callable[[str], str]] = {
        "to_lower": str.lower,
        "to_upper": str.upper,
        "strip": str.strip,
    }
    change = changes[name]
    return Value(
        owner.atoms if name == "strip" else (),
        None if owner.text is None else change(owner.text),
        choices=tuple(change(choice) for choice in owner.choices),
    )


def _split(state: State, call: syntax.Call, owner: Value) -> Value:
    """Return the words of a string, each where it is written if the string is a literal."""
    if not isinstance(call.owner, syntax.String) or call.arguments.items:
        words = (owner.text or "").split()
        texts = [Atom(None, word, call.start, call.end, state.file) for word in words]
        kept = [atom for atom in owner.atoms if atom.kind is not None]
        return Value((*kept, *texts), is_list=True)
    inner = call.owner.inner
    return Value(
        tuple(
            Atom(None, m[0], inner + m.start(), inner + m.end(), state.file, within=True)
            for m in re.finditer(r"\S+", call.owner.text)
        ),
        is_list=True,
    )
