"""Reads Bazel's ``BUILD`` and ``.bzl`` files: which rule builds an extension module.

Starlark's grammar is a part of Python's, so the tracer for ``setup.py`` reads it too.
``pybind_extension`` and its like are modules, and so is a ``cc_binary`` with
``linkshared`` that is named ``x.so`` and not ``libx.so``; programs and ``cc_library``
may link libpython.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from no_libpython_dlopen.buildsystems.common.link_fact import MACOS
from no_libpython_dlopen.buildsystems.python_syntax.analysis import find_links
from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script
from no_libpython_dlopen.buildsystems.python_syntax.sinks import ListKind, Sink
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.syntax.calls import keywords
from no_libpython_dlopen.python.syntax.parse import last_word

#: Rules of pybind11_bazel, nanobind_bazel and of projects' own, and Buck's.
_MODULE_RULE = re.compile(r"^_?(?:pybind|nanobind|py|python|cython|cc_py|cpp|cxx)\w*_extension$")
#: Those that let the macOS linker leave symbols undefined themselves.
_KNOWN_RULES = frozenset({"pybind_extension", "nanobind_extension"})
_SHARED_RULES = frozenset({"cc_binary", "cc_shared_library"})
_ROLES = {
    "linkopts": ListKind.FLAGS,
    "user_link_flags": ListKind.FLAGS,
    "linker_flags": ListKind.FLAGS,
    "deps": ListKind.LABELS,
    "dynamic_deps": ListKind.LABELS,
    "srcs": ListKind.LABELS,
}


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a Bazel file makes.

    Raises ``Unreadable`` where the text is not Python's syntax.
    """
    yield from find_links(source, _sinks, commands=False)


def _sinks(script: Script) -> Iterator[Sink]:
    for node in script.flow.live_expressions:
        if not isinstance(node, cst.Call):
            continue
        rule = last_word(node.func)
        given = keywords(node)
        target = script.display_text(given["name"]) if "name" in given else ""
        if not (_MODULE_RULE.match(rule) or _is_module(script, rule, given)):
            continue
        caveats = () if rule in _KNOWN_RULES else (MACOS,)
        for argument in node.args:
            if argument.star == "**":
                for key, role in _ROLES.items():
                    yield Sink(argument.value, role, target, key=key, at=node, caveats=caveats)
            elif argument.keyword is not None and argument.keyword.value in _ROLES:
                role = _ROLES[argument.keyword.value]
                yield Sink(argument.value, role, target, at=node, caveats=caveats)


def _is_module(script: Script, rule: str, given: dict[str, cst.BaseExpression]) -> bool:
    """Return whether a C++ rule makes a shared object that Python imports by its name."""
    if rule not in _SHARED_RULES:
        return False
    if rule == "cc_binary":
        shared = given.get("linkshared")
        options = script.evaluator.evaluate(shared).alternatives if shared is not None else (False,)
        if all(not one for one in options):
            return False
    named = given.get("shared_lib_name" if rule == "cc_shared_library" else "name")
    if named is None:
        return False
    for name in script.texts(named):
        base = name.rpartition("/")[2]
        if base.strip(UNKNOWN_PART).endswith((".so", ".pyd")) and not base.startswith("lib"):
            return True
    return False
