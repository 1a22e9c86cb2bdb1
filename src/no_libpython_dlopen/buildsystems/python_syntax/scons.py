"""Reads SCons' ``SConstruct`` and ``SConscript`` files, which are Python.

``LoadableModule`` makes an extension module, and so does ``SharedLibrary`` without the
prefix ``lib``; ``Program`` may embed. What one builder is given is cut out; what an
environment holds reaches all that is built in it, and is only reported, unless the
environment is a clone in which nothing but modules is built.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

import libcst as cst

from no_libpython_dlopen.buildsystems.common.link_fact import MACOS
from no_libpython_dlopen.buildsystems.common.link_graph import Blocker
from no_libpython_dlopen.buildsystems.python_syntax.analysis import find_links
from no_libpython_dlopen.buildsystems.python_syntax.mutations import Mutation
from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script
from no_libpython_dlopen.buildsystems.python_syntax.sinks import ListKind, Shape, Sink
from no_libpython_dlopen.knowledge.extension_names import has_module_tag, names_module_suffix
from no_libpython_dlopen.knowledge.plugin_hosts import has_other_suffix, is_plugin
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.syntax.calls import keywords
from no_libpython_dlopen.python.syntax.parse import descendants, last_word

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
#: The suffix of modules on Windows.
_WINDOWS = ".pyd"
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
        #: The names that the value of a call gets, and the first such call of each name.
        self._names: dict[cst.CSTNode, list[str]] = {}
        self._made: dict[str, cst.Call] = {}
        for binding in script.flow.binding_log:
            if isinstance(binding.value, cst.Call):
                self._names.setdefault(binding.value, []).append(binding.name)
                self._made.setdefault(binding.name, binding.value)
        self._settings = self._find_settings()
        self._without_lib = set(self._environments_without_lib())
        self._builds = list(self._find_builds())

    def sinks(self) -> Iterator[Sink]:
        """Yield the arguments of builders of modules, and of the environments around them."""
        for build in self._builds:
            if build.module:
                yield from self._arguments(build.node, build.target, None)
        targets: dict[str, str] = {}
        others: set[str] = set()
        for build in self._builds:
            if build.module:
                targets.setdefault(build.environment, build.target)
            else:
                others.update(_until(others, self._ancestors(build.environment)))
        given: set[str] = set()
        for name, target in targets.items():
            for environment in _until(given, self._ancestors(name)):
                given.add(environment)
                # Its own is a clone in which only modules are built.
                is_own = environment in self._parents and environment not in others
                blocker = None if is_own else Blocker.ENVIRONMENT
                for setting in self._settings.get(environment, ()):
                    yield from self._setting_sinks(setting, target, blocker)

    # Environments, by the names that they have in the file

    def _clones(self) -> Iterator[tuple[str, str]]:
        for binding in self._script.flow.binding_log:
            call = binding.value
            if isinstance(call, cst.Call) and last_word(call.func) in ("Clone", "Copy"):
                parent = _name(call.func)
                if parent and parent != binding.name:
                    yield binding.name, parent

    def _ancestors(self, name: str) -> Iterator[str]:
        """Yield an environment, and those that it is a clone of."""
        seen: set[str] = set()
        while name not in seen:
            yield name
            seen.add(name)
            name = self._parents.get(name, name)

    def _environments_without_lib(self) -> Iterator[str]:
        """Yield the environments whose shared libraries are not called ``lib``-something."""
        for call in self._calls:
            if last_word(call.func) in _SETTERS and self._sets_no_lib(call):
                yield from self._environments_of(call)
        for mutation in self._script.mutations:
            if mutation.key in _PREFIXES and self._is_no_lib(mutation.value):
                yield _name(mutation.base)

    def _environments_of(self, call: cst.Call) -> Iterator[str]:
        """Yield the environments that a call sets something in."""
        if last_word(call.func) in ("Environment", "Clone"):
            yield from self._names.get(call, ())
        else:
            yield _name(call.func)

    def _sets_no_lib(self, call: cst.Call) -> bool:
        given = keywords(call).items()
        return any(name in _PREFIXES and self._is_no_lib(value) for name, value in given)

    def _is_no_lib(self, value: cst.BaseExpression) -> bool:
        return self._script.text(value) in ("", "_")

    # Builders

    def _find_builds(self) -> Iterator[_Build]:
        for call in self._calls:
            builder = last_word(call.func)
            if builder in _MODULES | _OTHERS:
                environment = _name(call.func)
                target = self._target(call)
                module = not _is_plugin(target) and (
                    builder in _MODULES
                    or (builder in _SHARED and self._is_module(call, environment, target))
                )
                if module and (
                    target.endswith(_WINDOWS) or self._is_for_windows(call, environment)
                ):
                    continue
                yield _Build(call, environment, module, target)

    def _is_module(self, call: cst.Call, environment: str, target: str) -> bool:
        """Return whether a shared library is named as Python's importer looks for it."""
        if target.rpartition("/")[2].startswith("lib"):
            return False
        if self._sets_no_lib(call):
            return True
        if any(one in self._without_lib for one in self._ancestors(environment)):
            return True
        suffix = keywords(call).get("SHLIBSUFFIX")
        return suffix is not None and any(
            isinstance(part, cst.SimpleString) and names_module_suffix(part.value)
            for part in descendants(suffix)
        )

    def _is_for_windows(self, call: cst.Call, environment: str) -> bool:
        """Return whether a module gets the suffix of Windows', where it links Python's library."""
        around = set(self._ancestors(environment))
        setting = [
            one
            for one in self._calls
            if last_word(one.func) in _SETTERS and not around.isdisjoint(self._environments_of(one))
        ]
        return any(
            name in ("SHLIBSUFFIX", "LDMODULESUFFIX") and self._script.text(value) == _WINDOWS
            for one in (call, *setting)
            for name, value in keywords(one).items()
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

    def _find_settings(self) -> dict[str, list[cst.Call | Mutation]]:
        """Return the calls and mutations that set something in each environment."""
        found: dict[str, list[cst.Call | Mutation]] = {}
        for call in self._calls:
            word = last_word(call.func)
            names: Iterable[str] = ()
            if word in _SETTERS:
                names = self._environments_of(call)
            elif word in _FLAG_SETTERS:
                names = [_name(call.func)]
            elif word in _CHECKS:
                names = [self._configured_environment(call)]
            for name in dict.fromkeys(names):
                found.setdefault(name, []).append(call)
        for mutation in self._script.mutations:
            base, key = self._script.target_of(mutation)
            if key in _ROLES:
                found.setdefault(_name(base), []).append(mutation)
        return found

    def _setting_sinks(
        self, setting: cst.Call | Mutation, target: str, blocker: Blocker | None
    ) -> Iterator[Sink]:
        """Yield the values that a setting gives the linker."""
        if isinstance(setting, Mutation):
            _, key = self._script.target_of(setting)
            role, value, at = _ROLES[key or ""], setting.value, setting.base
            if setting.single:
                yield Sink(value, role, target, Shape.ITEM, "", at, blocker)
            else:
                yield from self._list_or_text(value, role, target, blocker, at)
            return
        word = last_word(setting.func)
        if word in _SETTERS:
            yield from self._arguments(setting, target, blocker)
            return
        role = ListKind.LIBRARIES if word in _CHECKS else ListKind.FLAGS
        why = blocker or Blocker.CHECK if word in _CHECKS else blocker
        for argument in setting.args[:1]:
            yield from self._list_or_text(argument.value, role, target, why, setting)

    def _configured_environment(self, call: cst.Call) -> str:
        """Return the environment of a ``Configure`` context."""
        made = self._made.get(_name(call.func))
        if made is None:
            return ""
        if last_word(made.func) == "Configure" and isinstance(made.func, cst.Name):
            return _name(made.args[0].value) if made.args else ""
        return _name(made.func)  # env.Configure()


def _is_plugin(target: str) -> bool:
    """Return whether a library is called as the modules of another program than Python are."""
    name = target.rpartition("/")[2]
    stem, suffix = os.path.splitext(name)
    if has_module_tag(name) or not stem:
        return False
    return has_other_suffix(suffix) or is_plugin(stem)


def _until(known: set[str], names: Iterator[str]) -> Iterator[str]:
    """Yield names up to the first that is known."""
    return takewhile(lambda name: name not in known, names)


def _name(node: cst.BaseExpression) -> str:
    """Return the name of the object that an expression is about, ``env`` in ``env.Append``."""
    while isinstance(node, (cst.Attribute, cst.Subscript)):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""
