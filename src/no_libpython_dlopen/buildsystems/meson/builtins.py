"""Evaluates Meson's functions; some of them make or link targets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from no_libpython_dlopen.buildsystems.common.host_kind import HostKind
from no_libpython_dlopen.buildsystems.common.link_graph import (
    Blocker,
    ReferenceKind,
    Target,
    TargetKind,
)
from no_libpython_dlopen.buildsystems.meson import methods
from no_libpython_dlopen.buildsystems.meson import syntax_tree as syntax
from no_libpython_dlopen.buildsystems.meson.abstract_values import UNKNOWN, Value, compose
from no_libpython_dlopen.buildsystems.meson.call_arguments import Arguments
from no_libpython_dlopen.buildsystems.meson.model import State
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.extension_names import has_module_tag, names_module_suffix
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.link_references import is_embedding_package, prints_libpython

#: Functions that make a target which is no extension module.
_TARGETS = frozenset(
    {
        *("executable", "library", "shared_library", "static_library", "both_libraries"),
        *("build_target", "jar", "shared_module"),
    }
)
#: Those that a module may link into itself.
_ARCHIVES = frozenset({"library", "static_library", "both_libraries", "build_target"})
#: So many variables may lead from a target to its sources.
_MOST_NAMES = 8
#: Checks of the compiler's that a dependency's link does not change.
_CHECKS = frozenset(
    {
        *("compiles", "has_header", "check_header", "has_header_symbol", "has_type", "sizeof"),
        *("has_member", "has_members", "get_define", "compute_int", "alignment", "preprocess"),
    }
)
#: Where this is called on a helper for Python, the place is Python's own for modules.
_INSTALL_DIR = re.compile(r"get_install_dir|get_path|site-packages|dist-packages|purelib|platlib")


def value(state: State, call: syntax.Call) -> Value:
    """Return the abstract value of a call; targets and what they link are noted on the way."""
    given = Arguments(state, call)
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
    else:
        known = methods.value(methods.MethodCall(state, call, call.owner, given))
        if known is not None:
            return known
    if call.name not in _CHECKS:
        _other_use(state, call, given)
    return UNKNOWN


# -- targets ----------------------------------------------------------------------------


def _target(state: State, call: syntax.Call, given: Arguments, *, module: bool) -> None:
    """Keep a target, and what it links."""
    name = given.text() or ""
    kind = TargetKind.PROGRAM if call.name == "executable" else TargetKind.LIBRARY
    linked = dict.fromkeys(given.linked_items())
    hosts = HostKind.NONE
    if module and any(libpython for _, libpython in linked):
        hosts = state.project.host_kind(tuple(_sources(state, call, given)), state.file)
        module = hosts is not HostKind.CERTAIN
    elif call.name in _ARCHIVES:
        state.project.archives[tuple(_sources(state, call, given))] = None
    target = Target(
        "" if UNKNOWN_PART in name else name, TargetKind.EXTENSION_MODULE if module else kind
    )
    state.targets.append(target)
    for atom, libpython in linked:
        if libpython:
            blockers = (Blocker.STRICT,) if module and call.name == "shared_library" else ()
            may_host = hosts is HostKind.POSSIBLE
            state.project.link(
                atom, target, state.platform, call, state.file, *blockers, may_host=may_host
            )
        else:
            state.project.note_other_library(atom.file, (atom.start, atom.end))


def _sources(state: State, call: syntax.Call, given: Arguments) -> Iterator[str]:
    """Yield the paths of a target's sources; an empty one for what is not known."""
    items = call.arguments.items
    parts = [one.value for one in items if one.keyword in ("", "sources", "kwargs")]
    if not all(_is_written_out(state, one) for one in parts[1:]):
        yield ""
    for found in (*given.positional[1:], given.named.get("sources", UNKNOWN)):
        for atom in found.atoms:
            folders = (os.path.dirname(one.path) for one in (state.file, atom.file) if one.path)
            paths = [os.path.normpath(os.path.join(folder, atom.text)) for folder in folders]
            yield next(filter(file_tree.is_file, paths), "")


def _is_written_out(state: State, node: syntax.Expression, depth: int = 0) -> bool:
    """Return whether a list of sources is all in texts, by way of a variable that is set once."""
    if isinstance(node, syntax.Listing):
        return all(not one.keyword and _is_written_out(state, one.value) for one in node.items)
    if isinstance(node, syntax.Call) and node.owner is None and node.name == "files":
        return _is_written_out(state, node.arguments)
    if isinstance(node, syntax.Name) and depth < _MOST_NAMES:
        given = [one for one in state.file.statements if getattr(one, "name", "") == node.name]
        count = len(re.findall(rf"\b{re.escape(node.name)}\s*\+?=(?!=)", state.file.text))
        return count == 1 and any(
            isinstance(one, syntax.Assignment) and _is_written_out(state, one.value, depth + 1)
            for one in given
        )
    return isinstance(node, syntax.String) and not node.formatted


def _other_use(state: State, call: syntax.Call, given: Arguments) -> None:
    """Something that is no target is given what means libpython: it may hand it on."""
    for found in (*given.positional, *given.named.values()):
        for atom in found.atoms:
            if atom.kind is not None:
                target = Target("", TargetKind.UNKNOWN)
                state.project.link(atom, target, state.platform, call, state.file)


def _has_module_naming(state: State, call: syntax.Call, given: Arguments) -> bool:
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


def _declare_dependency(state: State, call: syntax.Call, given: Arguments) -> Value:
    if "sources" in given.named:
        state.project.archives[tuple(_sources(state, call, given))] = None
    atoms = (
        replace(atom, kind=ReferenceKind.FLAG) if atom.kind is None else atom
        for atom in given.references()
    )
    return Value(tuple(dict.fromkeys(atoms)))


def _dependency(state: State, call: syntax.Call, given: Arguments) -> Value:
    """``dependency('python3-embed')``; the name is the atom."""
    if (embedded := methods.embedding_dependency(state, call, given)) is not None:
        return embedded
    atoms = [
        replace(atom, kind=ReferenceKind.PACKAGE)
        for atom in given.texts()
        if is_embedding_package(atom.text)
    ]
    fallback = given.named.get("fallback", UNKNOWN)
    return Value((*atoms, *(atom for atom in fallback.atoms if atom.kind is not None)))


def _run_command(_state: State, _call: syntax.Call, given: Arguments) -> Value:
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


def _files(_state: State, _call: syntax.Call, given: Arguments) -> Value:
    return Value(tuple(given.texts()))


def _join_paths(state: State, call: syntax.Call, given: Arguments) -> Value:
    text = "/".join(
        UNKNOWN_PART if found.text is None else found.text for found in given.positional
    )
    printed = any(
        atom.kind is ReferenceKind.SYSCONFIG for found in given.positional for atom in found.atoms
    )
    kind = ReferenceKind.SYSCONFIG if printed else None
    return compose(kind, text, call.start, call.end, state.file)


def _set_variable(state: State, _call: syntax.Call, given: Arguments) -> Value:
    name = given.text()
    if name is not None and len(given.positional) > 1:
        state.set(name, given.positional[1])
    return UNKNOWN


def _get_variable(state: State, _call: syntax.Call, given: Arguments) -> Value:
    fallback = given.positional[1] if len(given.positional) > 1 else UNKNOWN
    return state.variables.get(given.text() or "", fallback)


def _subdir(state: State, _call: syntax.Call, given: Arguments) -> Value:
    name = given.text()
    file = None
    # Meson refuses `..`, so that no folder leads to those above.
    is_below = name is not None and UNKNOWN_PART not in name and ".." not in name.split("/")
    if name is not None and is_below and state.file.path:
        folder = os.path.dirname(state.file.path)
        file = state.project.open(os.path.join(folder, name, "meson.build"))
    if file is None or file.path in state.open_files:
        state.project.is_complete = False
    else:
        state.enter(file)
    return UNKNOWN


def _for_all(state: State, call: syntax.Call, given: Arguments) -> Value:
    """``add_project_link_arguments``: flags for every target of the project."""
    for found in given.positional:
        state.general.extend(
            (atom, call, state.file) for atom in found.atoms if atom.is_reference(True)
        )
    return UNKNOWN


def _nothing(_state: State, _call: syntax.Call, _given: Arguments) -> Value:
    return UNKNOWN


_FUNCTIONS: dict[str, Callable[[State, syntax.Call, Arguments], Value]] = {
    "declare_dependency": _declare_dependency,
    "dependency": _dependency,
    "run_command": _run_command,
    "files": _files,
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
