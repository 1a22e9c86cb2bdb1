"""Whether a project tells the linker to refuse symbols that no library defines.

An extension module leaves Python's symbols undefined, for the process that imports it.
Under ``-Wl,--no-undefined`` or ``-Wl,-z,defs`` (ld(1)) it does not link without libpython,
so such a link is reported and stays.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import (
    Listfile,
    Project,
    all_commands,
    read_listfile,
)
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge import link_references

#: KDE's modules, and LLVM's, add ``--no-undefined`` or ``-z defs`` to all that is linked.
_STRICT_MODULE = re.compile(r"KDE(?:Framework)?CompilerSettings|HandleLLVMOptions")
#: What a listfile with such a flag has in it; few have.
_SUSPICIOUS = re.compile(r"undefined|unresolved|defs|KDE|HandleLLVM|-specs=|@")
#: Files of flags that nothing reads here: GCC's specs, and arguments of the linker's.
_FLAG_FILE = re.compile(r"(?<![\w-])-{1,2}specs=|(?:^|-Wl,|LINKER:)@(?!\w+@)[\w./${}-]+$")
_HARMLESS = frozenset({"message", "string", "if", "elseif"})
#: Commands that speak of targets, and where their names end.
_OF_TARGETS = frozenset(
    {
        *("target_link_options", "target_link_libraries", "swig_link_libraries"),
        *("set_target_properties", "set_property"),
    }
)


_OPTIONS = _OF_TARGETS | {"add_link_options", "link_libraries", "set", "string"}
#: Folders for files that are not included by name.
_OWN_FOLDERS = frozenset({"cmake", "toolchain", "toolchains"})
#: Commands that name targets and hand nothing to what links these.
_NAMING = _OF_TARGETS - {"target_link_libraries", "swig_link_libraries"} | {
    *("install", "export", "add_dependencies", "get_target_property", "set_tests_properties"),
    *("target_compile_options", "target_include_directories", "target_compile_definitions"),
}
#: What makes a string of its arguments; the others search or change one.
_MAKING = (["APPEND"], ["PREPEND"], ["CONCAT"], ["JOIN"])
#: Parts of a strict flag, and the end of one that a variable or a loop goes on with.
_PIECES = frozenset({"no-undefined", "undefined", "defs", "z,defs"})
_CUT_OFF = re.compile(r"-z[,;\s]*(?:\$|\Z)|-no-(?:\$|\Z)|-Wl,-*(?:\$|\Z)|LINKER:-*(?:\$|\Z)")
#: Variables whose flags CMake passes for shared libraries and programs, but not for modules.
_NOT_FOR_MODULES = re.compile(r"CMAKE_(?:SHARED|EXE)_LINKER_FLAGS(?:_[A-Z]+)?")


def strict_links_of(project: Project, *, outside: bool) -> StrictLinks:
    """Return those of a project; its files share them while no further one is opened."""
    return file_tree.latest(_strict_links, project, project.count, outside)


def _strict_links(project: Project, _count: int, outside: bool) -> StrictLinks:
    return StrictLinks(linker_flag_files(project), outside=outside)


def linker_flag_files(project: Project) -> Iterator[Listfile]:
    """Yield the listfiles that may give the linker flags: the project's, and those not included.

    A toolchain file is named on the command line, say; such files are beside the outermost
    listfile, or in folders of their own.
    """
    files = project.files()
    yield from files
    known = {file.path for file in files if file.path}
    if not project.current.path:
        return
    root = os.path.dirname(min(known, key=len))
    for file in file_tree.latest(_modules_near, root):
        if file.path not in known:
            yield file


def _modules_near(root: str) -> list[Listfile]:
    """Return the modules in a folder and in its own for such files."""
    names = file_tree.names_in(root)
    own = [os.path.join(root, name) for name in names if name.lower() in _OWN_FOLDERS]
    inside = [os.path.join(one, name) for one in own for name in file_tree.names_in(one)]
    below = [path for path in inside if "." not in os.path.basename(path)]
    paths = [
        os.path.join(folder, name)
        for folder in (root, *own, *below)
        for name in file_tree.names_in(folder)
        if name.endswith(".cmake")
    ]
    return [file for file in map(read_listfile, paths) if file is not None]


class StrictLinks:
    """The targets of a project on whose link line a strict flag may be.

    Variables are not followed: a flag that is put into one counts for all, but for CMake's own
    for other types of targets, unless they are used for something else as well. ``outside``
    says that a file which is no listfile gives one to all.
    """

    def __init__(self, files: Iterable[Listfile], *, outside: bool = False) -> None:
        self._files = list(files)
        #: The paths of the files that were looked at.
        self.paths = frozenset(file.path for file in self._files)
        commands = [
            command
            for file in self._files
            if _SUSPICIOUS.search(file.text) or "_LINKER_FLAGS" in file.text
            for command in all_commands(file.nodes)
        ]
        plain = [command for command in commands if not _sets_other_flags(command)]
        found = [names for command in plain for names in _strict_targets(command)]
        self._are_all = outside or None in found or _assembles_flag(plain)
        self._names = {name for names in found if names is not None for name in names}
        handed_on = [
            name
            for command in plain
            if _hands_on(command)
            for names in _strict_targets(command)
            for name in names or ()
        ]
        self._add_users(handed_on)
        others = [command for command in commands if _sets_other_flags(command)]
        strict = any(list(_strict_targets(command)) for command in others)
        used = any(
            "${CMAKE_SHARED_LINKER" in argument.text or "${CMAKE_EXE_LINKER" in argument.text
            for command in plain
            for argument in command.arguments
        )
        self._are_all |= strict and used
        self._are_libraries = strict

    def _add_users(self, waiting: list[str]) -> None:
        """Add what links targets that hand a strict flag on: all where a variable holds one."""
        if not waiting:
            return
        users: dict[str, set[str | None]] = {}
        for file in self._files:
            for command in all_commands(file.nodes):
                for name, user in _links(command):
                    users.setdefault(name, set()).add(user)
        seen = set(waiting)
        while waiting:
            found = users.get(waiting.pop(), set())
            self._are_all |= None in found
            new = {user for user in found if user is not None} - seen
            seen |= new
            waiting += new
        self._names |= seen

    def are_of(self, targets: set[str], *, is_module: bool) -> bool:
        """Return whether one may be on the line of a target, given all of its names.

        ``is_module`` says that its type is surely ``MODULE``.
        """
        return (
            self._are_all
            or (self._are_libraries and not is_module)
            or not targets.isdisjoint(self._names)
        )


def _sets_other_flags(command: Command) -> bool:
    """Return whether a command sets what is passed for other types of targets than modules."""
    first = command.arguments[0].text if command.arguments else ""
    return command.name == "set" and _NOT_FOR_MODULES.fullmatch(first) is not None


def _hands_on(command: Command) -> bool:
    """Return whether what a command gives a target may reach those that link the target."""
    texts = {argument.text for argument in command.arguments}
    if command.name in ("target_link_options", "target_link_libraries"):
        private = {"PRIVATE", "LINK_PRIVATE"} & texts or command.name == "target_link_options"
        return not private or not texts.isdisjoint({"PUBLIC", "INTERFACE", "LINK_PUBLIC"})
    return any(text.startswith("INTERFACE_LINK_") for text in texts)


def _links(command: Command) -> Iterator[tuple[str, str | None]]:
    """Yield the names that a command gives a target to link; ``None`` for a target not known."""
    texts = [argument.text for argument in command.arguments]
    if command.name == "add_library":
        if texts[1:2] == ["ALIAS"]:
            yield texts[-1], texts[0]
        return
    if command.name in _HARMLESS or command.name in _NAMING:
        return
    linking = command.name in ("target_link_libraries", "swig_link_libraries")
    user = texts[0] if linking and texts and "$" not in texts[0] else None
    for text in texts[1:] if linking else texts:
        for item in text.split(";"):
            yield item, user


def _assembles_flag(commands: Iterable[Command]) -> bool:
    """Return whether commands may put a strict flag together from parts, in a loop say."""
    pieces: set[str] = set()
    cut = False
    for command in commands:
        if command.name in _HARMLESS:
            continue
        for argument in command.arguments:
            pieces.update(_PIECES.intersection(argument.text.split(";")))
            cut = cut or _CUT_OFF.search(argument.text) is not None
    return "no-undefined" in pieces or (cut and bool(pieces))


def _strict_targets(command: Command) -> Iterator[list[str] | None]:
    """Yield the targets that a command gives a strict flag, ``None`` for all."""
    texts = [argument.text for argument in command.arguments]
    appends = command.name == "string" and texts[:1] in _MAKING
    harmless = command.name in _HARMLESS and not appends
    if harmless or command.name.startswith("check_"):
        return
    if command.name == "include":
        if texts and _STRICT_MODULE.fullmatch(texts[0]):
            yield None
        return
    if not (
        link_references.forbids_undefined(" ".join(texts))
        or (command.name in _OPTIONS and any(map(_FLAG_FILE.search, texts)))
    ):
        return
    if command.name not in _OF_TARGETS or texts[:1] in (["DIRECTORY"], ["GLOBAL"]):
        yield None
        return
    named = texts[:1]
    if command.name == "set_target_properties":
        named = texts[: texts.index("PROPERTIES")] if "PROPERTIES" in texts else texts
    elif command.name == "set_property":
        named = texts[1 : texts.index("PROPERTY")] if "PROPERTY" in texts else texts
    yield None if any("$" in name for name in named) else named
