"""What a listfile builds: its targets, what is linked to them, what it asks of CMake.

Filled by the interpreter, judged by the reader. Everything is kept with the place where
it is written, and targets by the name that the interpreter computed for them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from no_libpython_dlopen.buildsystems.cmake.arguments import REFERENCE
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile
from no_libpython_dlopen.buildsystems.cmake.targets import (
    COMPLETE,
    DIRECTORY_LIST,
    Definition,
    Find,
    LinkedWord,
    Maker,
    User,
    is_directory_list,
)
from no_libpython_dlopen.buildsystems.common.host_kind import HostKind, host_kind, join_host_kinds
from no_libpython_dlopen.buildsystems.common.link_graph import ReferenceKind, Target, TargetKind
from no_libpython_dlopen.buildsystems.common.source_roles import modules_of
from no_libpython_dlopen.knowledge import extension_names, plugin_hosts
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.link_references import is_binding_library
from no_libpython_dlopen.knowledge.python_folders import names_host_folder, names_python_folder
from no_libpython_dlopen.knowledge.target_platforms import Platform

#: What becomes a part of the libraries that link it, or hands on what does.
_LINKED_IN = frozenset({"STATIC", "OBJECT", "INTERFACE", "DEFAULT"})


def _has_tag(name: str) -> bool:
    """Return whether an output name ends in the tag of extension modules, a variable perhaps."""
    variables = map(extension_names.is_suffix_variable, REFERENCE.findall(name))
    return extension_names.has_module_tag(name) or any(variables)


def _copy(value: Any) -> Any:
    """Return a copy of a collection and of the collections in it."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return type(value)(value) if isinstance(value, (list, set)) else value


@dataclass(slots=True)
class Model:
    """All that was seen, over every platform and file."""

    targets: dict[str, dict[int, Definition]] = field(default_factory=dict)
    #: Names of targets, and their other names.
    aliases: dict[str, set[str]] = field(default_factory=dict)
    linked: list[LinkedWord] = field(default_factory=list)
    finds: list[Find] = field(default_factory=list)
    minimum: tuple[int, ...] = ()
    #: Whether a test that is not understood asks which system it is on.
    asks_by_name: bool = False
    #: Names that the project defines or changes itself, such as ``Python3::Python``.
    own: set[str] = field(default_factory=set)
    #: Name or raw name of a target, and the properties it is given.
    properties: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    #: Names of targets with signs of a host's plug-in.
    plugins: set[str] = field(default_factory=set)
    #: Names of targets, and paths of listfiles, that use what a host's plug-ins are built with.
    hosted: set[str] = field(default_factory=set)
    #: Names of targets that a helper for extension modules was called on.
    marked: set[str] = field(default_factory=set)
    #: Items that are linked, and the targets that link them.
    links: dict[str, set[str]] = field(default_factory=dict)
    #: Targets, and the items and objects that they link.
    parts: dict[str, set[str]] = field(default_factory=dict)
    #: Items that are linked, and who links them where.
    users: dict[str, set[User]] = field(default_factory=dict)
    #: Variables that hold Boost.Python because of the components that are asked for.
    binding: set[str] = field(default_factory=set)
    #: Sources that a custom command has a binding generator for Python write.
    generated: set[str] = field(default_factory=set)
    #: Listfiles that install a Python package by ROS' helper.
    packages: set[str] = field(default_factory=set)
    #: Paths of the sources that targets are given after they were made.
    added: dict[str, set[str]] = field(default_factory=dict)
    #: Targets that other projects can link.
    exported: set[str] = field(default_factory=set)
    #: Targets that link Boost.Python or pybind11.
    binders: set[str] = field(default_factory=set)
    #: Whether the libraries of an embedding program are asked for, and no others.
    is_host: bool = False
    #: Variables and targets that mean libpython because of how they are found.
    named: dict[str, ReferenceKind] = field(default_factory=dict)
    #: How many lists of directories there are.
    lists: int = 0
    #: Targets by what they link, as far as it was asked for since the last change.
    closed: dict[str, set[str]] = field(default_factory=dict)
    #: What is linked, by the listfiles in which it is written, as far as it was asked for.
    written: dict[Listfile, list[LinkedWord]] = field(default_factory=dict)
    sorted: int = 0

    def copy(self) -> Model:
        """Return a model that can be filled further without changing this one."""
        return Model(*(_copy(getattr(self, each.name)) for each in fields(self)))

    def add(self, target: Definition) -> None:
        """Keep a definition, once."""
        if target.aliased:
            self.aliases.setdefault(target.aliased, set()).add(target.name)
        self.targets.setdefault(target.name, {}).setdefault(target.command.start, target)

    def add_find(self, find: Find) -> None:
        """Keep a ``find_package``."""
        self.finds.append(find)
        self.is_host = self.is_host or "Development.Embed" in find.names

    def add_link(self, item: str, target: str) -> None:
        """Keep that a target itself links an item."""
        self.closed.clear()
        self.links.setdefault(item, set()).add(target)
        self.parts.setdefault(target, set()).add(item)
        if is_binding_library(item):
            self.binders.add(target)
        if plugin_hosts.names_plugin_sdk(item):
            self.hosted.add(target)

    def links_of_file(self, file: Listfile) -> list[LinkedWord]:
        """Return the words of a listfile that get linked."""
        for linked in self.linked[self.sorted :]:
            self.written.setdefault(linked.word.file, []).append(linked)
        self.sorted = len(self.linked)
        return self.written.get(file, [])

    def extend_directory(self, old: str, words: Iterable[str], platform: Platform) -> str:
        """Return the name of a list with more items than the ``old`` one, which may be empty.

        A list is an ``INTERFACE`` library, so to speak, that a longer list links, and each
        target that is defined after it: so no target repeats all of its items.
        """
        self.lists += 1
        name = f"{DIRECTORY_LIST}{self.lists}"
        for item in (old, *words) if old else words:
            self.users.setdefault(item, set()).add(User(name, platform, passes=True))
        for item in words:
            self.add_link(item, name)
        return name

    def _with_lists(self, key: str, direct: set[str]) -> set[str]:
        """Return some targets and those that link the lists among them, computed once for a key."""
        found = self.closed.get(key)
        if found is None:
            found = self.closed[key] = set(direct)
            waiting = list(filter(is_directory_list, direct))
            while waiting:
                users = {user.target for user in self.users.get(waiting.pop(), ())} - found
                found |= users
                waiting.extend(filter(is_directory_list, users))
        return found

    def _linkers_of(self, key: str, items: Iterable[str]) -> set[str]:
        """Return the targets that link one of some items themselves."""
        return self._with_lists(key, {name for item in items for name in self.links.get(item, ())})

    def definitions(self, name: str, depth: int = 0) -> Iterator[Definition]:
        """Yield the definitions of a target, those of the aliased one for an alias."""
        for target in self.targets.get(name, {}).values():
            if target.type == "ALIAS" and depth < 8:
                yield from self.definitions(target.aliased, depth + 1)
            else:
                yield target

    def variants(self, name: str, *, swig: bool = False) -> tuple[Target, ...]:
        """Return a target as the link graph knows it; unknown where its definitions disagree.

        One that an option makes either an extension module or a program is both.

        ``swig`` says that a command of SWIG's names it, which means no namesake of its module;
        elsewhere the namesake is meant, as SWIG's target is then ``_name``.
        """
        real = f"${{SWIG_MODULE_{name}_REAL_NAME}}"
        key = real if swig and real in self.targets else name
        made = list(self.definitions(key))
        namesakes = [target for target in made if target.maker is not Maker.SWIG]
        kinds = {self._kind(target) for target in namesakes or made}
        shown = "" if "$" in name or UNKNOWN_PART in name else name
        if TargetKind.EXTENSION_MODULE in kinds and self.host_kind(key) is HostKind.CERTAIN:
            kinds = kinds - {TargetKind.EXTENSION_MODULE} | {TargetKind.LIBRARY}
        if len(kinds) != 1 and kinds != {TargetKind.EXTENSION_MODULE, TargetKind.PROGRAM}:
            kinds = {TargetKind.UNKNOWN}
        return tuple(Target(shown, kind) for kind in sorted(kinds, key=lambda kind: kind.value))

    def carries(self, name: str, passes: bool) -> bool:
        """Return whether a target hands on what it links; a static library must."""
        if is_directory_list(name):
            return True
        types = {target.type for target in self.definitions(name)}
        if types == {"STATIC"}:
            return True
        return passes and bool(types) and types <= {"INTERFACE", "STATIC", "OBJECT"}

    def is_passed_on(self, linked: LinkedWord) -> bool:
        """Return whether other projects get what is linked to a target when they link this one."""
        types = {target.type for target in self.definitions(linked.target)} - {"MODULE"}
        hands_on = bool(types) and (linked.passes or "STATIC" in types)
        return hands_on and linked.target in self.exported

    def makers(self, name: str) -> set[Maker]:
        """Return the commands that made a target."""
        return {target.maker for target in self.definitions(name)}

    def sets_dynamic_lookup(self, name: str) -> bool:
        """Return whether a target links by itself what an extension module needs on macOS."""
        return self.makers(name) <= COMPLETE or name in self._linkers_of(
            "module", ("Python3::Module", "Python::Module", "pybind11::module")
        )

    def is_built_for_windows(self, name: str) -> bool:
        """Return whether a target is given the suffix of extension modules of Windows."""
        return any(".pyd" in self._property_values(o, "SUFFIX") for o in self.definitions(name))

    def _kind(self, target: Definition) -> TargetKind:
        if target.maker is Maker.EXECUTABLE:
            return TargetKind.PROGRAM
        suffixes = self._property_values(target, "SUFFIX")
        if suffixes and all(map(plugin_hosts.has_other_suffix, suffixes)):
            return TargetKind.LIBRARY
        if target.maker is Maker.LIBRARY and target.type == "MODULE":
            named = target.has_binding_source or self._has_module_naming(target)
            module = named or not (self._is_plugin(target) or self._serves_host(target))
        elif target.maker is Maker.LIBRARY or target.is_findpython_library:
            module = target.type in ("SHARED", "DEFAULT") and self._has_module_naming(target)
        else:
            module = target.type in ("MODULE", "SHARED")
        return TargetKind.EXTENSION_MODULE if module else TargetKind.LIBRARY

    def _serves_host(self, target: Definition) -> bool:
        """Return whether a library is called, or built, as the modules of another program are."""
        names = self._property_values(target, "OUTPUT_NAME", "LIBRARY_OUTPUT_NAME")
        folders = self._property_values(target, "DESTINATION")
        called = any(plugin_hosts.is_plugin(one, folders) for one in names or {target.name})
        built = not self.hosted.isdisjoint((target.name, target.file.path))
        return (called or built) and not self._binds_python(target)

    def _property_values(self, target: Definition, *names: str) -> set[str]:
        """Return the values that are given to any of some properties of a target."""
        return {
            value
            for key in (target.name, self.key(target.raw, target.file, target.command.start))
            for name in names
            for value in self.properties.get(key, {}).get(name, ())
        }

    @staticmethod
    def key(raw: str, file: Listfile, offset: int) -> str:
        """Return the key of a name as written: it means the same only in its own function."""
        return f"{file.path}:{file.function_at(offset)}:{raw}"

    def _has_module_naming(self, target: Definition) -> bool:
        """Return whether a library is named as Python names its extension modules."""
        if {target.name, self.key(target.raw, target.file, target.command.start)} & self.marked:
            return True
        outputs = self._property_values(target, "OUTPUT_NAME", "LIBRARY_OUTPUT_NAME")
        suffixes = map(extension_names.names_module_suffix, self._property_values(target, "SUFFIX"))
        if any(suffixes) or any(map(_has_tag, outputs)):
            return True
        prefixes = self._property_values(target, "PREFIX") & {"", "_"}
        if not prefixes:
            boost = target.name in self._linkers_of("binding", self.binding)
            binds = target.has_binding_source or boost
            defined = self._modules_of(target) & {f"lib{name}" for name in outputs or {target.name}}
            return bool(defined) or (binds and self._is_in_python_folder(target))
        named = outputs or {target.raw, target.name}
        return (
            "_" in prefixes
            or any(name.startswith("_") for name in named)
            or self._is_in_python_folder(target)
            or (
                not any(name.startswith("lib") for name in named)
                and not self._is_plugin(target)
                and (self._binds_python(target) or bool(self._modules_of(target)))
            )
        )

    def _modules_of(self, target: Definition) -> set[str]:
        """Return the modules that a library's sources define; none if another target links it."""
        sources = self._sources_of(target)
        is_linked = self.users.get(target.name) or self.aliases.get(target.name)
        return set() if is_linked else modules_of(sources)

    def _sources_of(self, target: Definition) -> tuple[str, ...]:
        return (*target.sources, *sorted(self.added.get(target.name, ())))

    def host_kind(self, name: str) -> HostKind:
        """Return whether a library starts an interpreter for a program without one.

        It may where an archive, or objects, of the project do that it links.
        """
        parts = list(self._sources_of_parts(name))
        made = self.definitions(name)
        return join_host_kinds(host_kind(self._sources_of(target), parts) for target in made)

    def _sources_of_parts(self, name: str) -> Iterator[tuple[str, ...]]:
        """Yield the sources of each archive, and of objects, that a target links into itself."""
        waiting, seen = list(self.parts.get(name, ())), {name}
        while waiting:
            part = waiting.pop()
            made = [one for one in self.definitions(part) if one.type in _LINKED_IN]
            if (made or is_directory_list(part)) and part not in seen:
                seen.add(part)
                waiting += self.parts.get(part, ())
                yield from map(self._sources_of, made)

    def is_told_by_sources(self, name: str) -> bool:
        """Return whether only its sources tell that a target is an extension module."""
        return any(
            target.type in ("SHARED", "DEFAULT")
            and self._modules_of(target)
            and not self._has_module_naming(target._replace(sources=("",)))
            for target in self.definitions(name)
        )

    def _is_in_python_folder(self, target: Definition) -> bool:
        """Return whether a library is built or installed where Python looks for modules."""
        folders = self._property_values(target, "DESTINATION", "LIBRARY_OUTPUT_DIRECTORY")
        is_plugin = any(map(plugin_hosts.PLUGIN.search, folders))
        return not is_plugin and any(map(names_python_folder, folders))

    def _binds_python(self, target: Definition) -> bool:
        """Return whether a library has the sources or libraries of a binding for Python."""
        return (
            target.has_binding_source
            or target.file.path in self.packages
            or target.name in self._with_lists("binders", self.binders)
            or target.name in self._linkers_of("binding", self.binding)
        )

    def _is_plugin(self, target: Definition) -> bool:
        """Return whether a library is made for a host: by its name, its folders, or its links."""
        keys = {target.name, self.key(target.raw, target.file, target.command.start)}
        folder = os.path.dirname(target.file.path).replace(os.sep, "/").rsplit("/", 2)[-2:]
        return bool(
            keys & self.plugins
            or plugin_hosts.PLUGIN.search(target.raw)
            or any(map(plugin_hosts.PLUGIN.search, folder))
            or any(map(names_host_folder, self._property_values(target, "DESTINATION")))
            or self.is_host
        )
