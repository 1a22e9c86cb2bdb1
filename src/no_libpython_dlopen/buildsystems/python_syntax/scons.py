"""Reads SCons' ``SConstruct`` and ``SConscript`` files, which are Python.

``LoadableModule`` makes an extension module, and so does ``SharedLibrary`` without the
prefix ``lib``; ``Program`` may embed. What one builder is given is cut out; what an
environment holds reaches all that is built in it, and is only reported, unless the
environment is a clone in which nothing but modules is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from no_libpython_dlopen.buildsystems.common.link_fact import MACOS
from no_libpython_dlopen.buildsystems.common.link_graph import Blocker
from no_libpython_dlopen.buildsystems.python_syntax.analysis import find_links
from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script, called_word
from no_libpython_dlopen.buildsystems.python_syntax.sinks import ListKind, Shape, Sink
from no_libpython_dlopen.knowledge.extension_names import names_module_suffix
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.syntax.parse import descendants

_ROLES = {
    "LIBS": ListKind.LIBRARIES,
    "LINKFLAGS": ListKind.FLAGS,
    "SHLINKFLAGS": ListKind.FLAGS,
    "LDMODULEFLAGS": ListKind.FLAGS,
    "parse_flags": ListKind.FLAGS,
}
#: Builders of modules, of what is a module by its name, and of everything else.
_MODULES = frozenset({"LoadableModule", "PythonExtension", "PyExtension", "SwigLoadableModule"})
_SHARED = frozenset({"SharedLibrary"})
_OTHERS = frozenset({"Program", "StaticLibrary", "Library", "SharedLibrary", "ProgramAllAtOnce"})
_SETTERS = frozenset(
    {"Append", "AppendUnique", "Prepend", "PrependUnique", "Replace", "Clone", "Environment"}
    | {"SetDefault", "Override"}
)
_FLAG_SETTERS = frozenset({"ParseConfig", "MergeFlags", "ParseFlags"})
_CHECKS = frozenset({"CheckLib", "CheckLibWithHeader"})
_PREFIXES = frozenset({"SHLIBPREFIX", "LDMODULEPREFIX"})


@dataclass(frozen=True, slots=True)
class _Build:
    """One call of a builder in an environment."""

    node: cst.Call
    environment: str
    module: bool
    target: str


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a SCons file makes.

    Raises ``Unreadable`` where the text is not Python.
    """
    yield from find_links(source, _sinks)


def _sinks(script: Script) -> Iterator[Sink]:
    return (sink._replace(caveats=(MACOS,)) for sink in _Scons(script).sinks())


class _Scons:
    """The environments of a file, what they hold, and what is built in them."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._calls = [one for one in script.flow.live_expressions if isinstance(one, cst.Call)]
        self._parents = dict(self._clones())
        self._without_lib = set(self._environments_without_lib())
        self._builds = list(self._find_builds())

    def sinks(self) -> Iterator[Sink]:
        """Yield the arguments of builders of modules, and of the environments around them."""
        for build in self._builds:
            if build.module:
                yield from self._arguments(build.node, build.target, None)
        for name in {build.environment for build in self._builds if build.module}:
            for environment in self._ancestors(name):
                blocker = None if self._is_own(environment) else Blocker.ENVIRONMENT
                target = next(b.target for b in self._builds if b.module and b.environment == name)
                yield from self._settings(environment, target, blocker)

    # Environments, by the names that they have in the file

    def _clones(self) -> Iterator[tuple[str, str]]:
        for binding in self._script.flow.binding_log:
            call = binding.value
            if isinstance(call, cst.Call) and called_word(call.func) in ("Clone", "Copy"):
                parent = _name(call.func)
                if parent and parent != binding.name:
                    yield binding.name, parent

    def _ancestors(self, name: str) -> list[str]:
        found = [name]
        while found[-1] in self._parents and self._parents[found[-1]] not in found:
            found.append(self._parents[found[-1]])
        return found

    def _is_own(self, environment: str) -> bool:
        """Return whether an environment is a clone in which only modules are built."""
        users = [b for b in self._builds if environment in self._ancestors(b.environment)]
        return environment in self._parents and all(build.module for build in users)

    def _environments_without_lib(self) -> Iterator[str]:
        """Yield the environments whose shared libraries are not called ``lib``-something."""
        for call in self._calls:
            if called_word(call.func) in _SETTERS and self._sets_no_lib(call):
                yield from self._environments_of(call)
        for mutation in self._script.mutations:
            if mutation.key in _PREFIXES and self._is_no_lib(mutation.value):
                yield _name(mutation.base)

    def _environments_of(self, call: cst.Call) -> Iterator[str]:
        """Yield the environments that a call sets something in."""
        if called_word(call.func) in ("Environment", "Clone"):
            yield from (one.name for one in self._script.flow.binding_log if one.value is call)
        else:
            yield _name(call.func)

    def _sets_no_lib(self, call: cst.Call) -> bool:
        return any(
            one.keyword is not None
            and one.keyword.value in _PREFIXES
            and self._is_no_lib(one.value)
            for one in call.args
        )

    def _is_no_lib(self, value: cst.BaseExpression) -> bool:
        return self._script.text(value) in ("", "_")

    # Builders

    def _find_builds(self) -> Iterator[_Build]:
        for call in self._calls:
            builder = called_word(call.func)
            if builder in _MODULES | _OTHERS:
                environment = _name(call.func)
                target = self._target(call)
                module = builder in _MODULES or (
                    builder in _SHARED and self._is_module(call, environment, target)
                )
                yield _Build(call, environment, module, target)

    def _is_module(self, call: cst.Call, environment: str, target: str) -> bool:
        """Return whether a shared library is named as Python's importer looks for it."""
        if target.rpartition("/")[2].startswith("lib"):
            return False
        if self._sets_no_lib(call):
            return True
        if any(one in self._without_lib for one in self._ancestors(environment)):
            return True
        suffixes = [
            one.value
            for one in call.args
            if one.keyword is not None and one.keyword.value == "SHLIBSUFFIX"
        ]
        return any(
            isinstance(part, cst.SimpleString) and names_module_suffix(part.value)
            for suffix in suffixes
            for part in descendants(suffix)
        )

    def _target(self, call: cst.Call) -> str:
        for one in call.args[:1]:
            if one.keyword is None or one.keyword.value == "target":
                return self._script.display_text(one.value)
        return ""

    # What reaches the linker

    def _arguments(self, call: cst.Call, target: str, blocker: Blocker | None) -> Iterator[Sink]:
        for one in call.args:
            if one.keyword is not None and one.keyword.value in _ROLES:
                role = _ROLES[one.keyword.value]
                yield from self._list_or_text(one.value, role, target, blocker, call)
            elif one.star == "**":
                for key, role in _ROLES.items():
                    yield Sink(one.value, role, target, Shape.LIST, key, call, blocker)

    def _list_or_text(
        self,
        value: cst.BaseExpression,
        role: ListKind,
        target: str,
        blocker: Blocker | None,
        at: cst.CSTNode,
    ) -> Iterator[Sink]:
        """Yield a value that may be a list or a text."""
        yield Sink(value, role, target, Shape.LIST, "", at, blocker)
        texts = self._script.texts(value)
        if role is ListKind.LIBRARIES and all(len(text.split()) == 1 for text in texts):
            blocker = blocker or Blocker.EMPTY_LIBRARY
        yield Sink(value, role, target, Shape.TEXT, "", at, blocker)

    def _settings(self, environment: str, target: str, blocker: Blocker | None) -> Iterator[Sink]:
        for call in self._calls:
            word = called_word(call.func)
            if word in _SETTERS and environment in self._environments_of(call):
                yield from self._arguments(call, target, blocker)
                continue
            for argument in call.args[:1]:
                value = argument.value
                if word in _FLAG_SETTERS and _name(call.func) == environment:
                    yield from self._list_or_text(value, ListKind.FLAGS, target, blocker, call)
                elif word in _CHECKS and self._configured_environment(call) == environment:
                    why = blocker or Blocker.CHECK
                    yield from self._list_or_text(value, ListKind.LIBRARIES, target, why, call)
        for mutation in self._script.mutations:
            base, key = self._script.target_of(mutation)
            if key in _ROLES and _name(base) == environment:
                role, value, at = _ROLES[key], mutation.value, mutation.base
                if mutation.single:
                    yield Sink(value, role, target, Shape.ITEM, "", at, blocker)
                else:
                    yield from self._list_or_text(value, role, target, blocker, at)

    def _configured_environment(self, call: cst.Call) -> str:
        """Return the environment of a ``Configure`` context."""
        name = _name(call.func)
        for binding in self._script.flow.binding_log:
            made = binding.value
            if binding.name == name and isinstance(made, cst.Call):
                if called_word(made.func) == "Configure" and isinstance(made.func, cst.Name):
                    return _name(made.args[0].value) if made.args else ""
                return _name(made.func)  # env.Configure()
        return ""


def _name(node: cst.BaseExpression) -> str:
    """Return the name of the object that an expression is about, ``env`` in ``env.Append``."""
    while isinstance(node, (cst.Attribute, cst.Subscript)):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""
