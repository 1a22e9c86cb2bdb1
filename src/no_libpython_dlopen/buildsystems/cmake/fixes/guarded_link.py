"""The edit that keeps a link where a platform needs it, and drops it everywhere else.

FindPythonLibs and old FindPythons have no target for extension modules, so a variable such
as ``${PYTHON_LIBRARIES}`` cannot be replaced by one. It moves behind its command into an
``if`` for the platforms whose extension modules link Python (PEP 738 for Android), and macOS
gets the linker flag that lets a module's symbols stay undefined. What the conditions around
the command exclude already is left out of the new one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from no_libpython_dlopen.buildsystems.cmake.arguments import Word
from no_libpython_dlopen.buildsystems.cmake.conditions import Condition
from no_libpython_dlopen.buildsystems.cmake.fixes import deletions
from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Block, Listfile, Node
from no_libpython_dlopen.buildsystems.common.deletions import Deletion, line_start
from no_libpython_dlopen.knowledge.target_platforms import DARWIN, LINKING_PLATFORMS, Platform
from no_libpython_dlopen.model.finding import Edit

#: The CMake that brought ``target_link_options`` and the prefix ``LINKER:``.
LINK_OPTIONS_SINCE = (3, 13)
_LINKING = frozenset({"target_link_libraries", "swig_link_libraries"})
_SCOPES = frozenset({"PRIVATE", "PUBLIC", "INTERFACE", "LINK_PRIVATE", "LINK_PUBLIC"})
#: Scopes of what is linked for the target alone, by those that are for its users as well.
_OWN = {"PUBLIC": "PRIVATE", "LINK_PUBLIC": "LINK_PRIVATE"}
_LISTS = frozenset({"set", "list"})
#: What an item of ``target_link_libraries`` may be as well: a flag, passed on as it is.
_FLAG = '"-undefined dynamic_lookup"'
#: What undoes an earlier ``--no-undefined`` or ``-z defs`` (GNU ld, gold, lld and mold know it).
UNDEFINED = '"-Wl,--unresolved-symbols=ignore-all"'
_INDENTATION = re.compile(r"^([ \t]*)[^\s#]", re.MULTILINE)


#: The name of a command that links, and its arguments before the items.
Head = tuple[str, list[str]]


def edits(
    words: Iterable[Word],
    minimum: tuple[int, ...],
    *,
    lookup: bool,
    strict: bool,
    call: Head | None = None,
) -> tuple[Edit, ...]:
    """Return the edits that move words of one command into a guarded one behind it.

    ``minimum`` is the CMake that the project requires. ``lookup`` says that the target gets
    macOS's linker flag already, ``strict`` that it may get one that refuses undefined symbols.
    ``call`` is what a function of the project links its arguments with. Empty where the command
    cannot be written a second time.
    """
    found = sorted(words, key=lambda word: word.start)
    command, file = found[0].command, found[0].file
    head = call or head_of(command, found[0])
    if head is None or not all(word.whole for word in found):
        return ()
    cuts = deletions.without_all(found)
    if any(cut.comment for cut in cuts):
        return ()
    items = [item for word in found for item in deletions.item_texts(word)]
    block = _Writer(file, command).block(head, items, minimum, lookup=lookup, strict=strict)
    if not block:
        return tuple(cut.edit for cut in cuts)
    return _place_block(file.text, command, cuts, block)


def leave_undefined(word: Word, call: Head | None) -> Edit | None:
    """Return the block behind a word's command that undoes a strict link line."""
    command, file = word.command, word.file
    head = call or head_of(command, word)
    if head is None:
        return None
    writer = _Writer(file, command)
    block = writer.conditional_lines([(writer.condition_elsewhere(), writer.leave_undefined(head))])
    return _insertion_after(file.text, command, block)


def head_of(command: Command, word: Word) -> Head | None:
    """Return the beginning of a second command that links a word, ``None`` for other commands."""
    arguments = command.arguments
    if any(argument.kind in ("open", "close") for argument in arguments):
        return None
    texts = [word.file.text[argument.start : argument.end] for argument in arguments]
    if command.name in _LISTS:
        scoped = {"PARENT_SCOPE", "CACHE"} & {argument.text for argument in arguments}
        at = 0 if command.name == "set" else 1
        plain = command.name == "set" or texts[:1] == ["APPEND"]
        if scoped or not plain or len(texts) <= at:
            return None
        return "list", ["APPEND", texts[at]]
    if command.name == "link_libraries":
        return command.name, []
    if command.name not in _LINKING or not texts:
        return None
    scopes = [
        text
        for argument, text in zip(arguments, texts, strict=True)
        if text in _SCOPES and (argument.start < word.start or command is not word.command)
    ]
    return command.name, [texts[0], *scopes[-1:]]


def _place_block(text: str, command: Command, cuts: list[Deletion], block: str) -> tuple[Edit, ...]:
    """Return the deletions and the block: in the place of an emptied command, else behind it."""
    (first, *rest) = [cut.edit for cut in cuts]
    if first.start <= command.start and command.end <= first.end:
        return (Edit(first.start, first.end, first.old, block), *rest)
    return (first, *rest, _insertion_after(text, command, block))


def _insertion_after(text: str, command: Command, block: str) -> Edit:
    """Return the insertion of lines behind the line on which a command ends."""
    end = re.compile(r"\r\n|\r|\n|\Z").search(text, command.end)
    assert end is not None
    lead = "" if end[0] else "\n"
    return Edit(end.end(), end.end(), "", lead + block)


class _Writer:
    """Writes commands as the author of a listfile does."""

    def __init__(self, file: Listfile, command: Command) -> None:
        text = file.text
        name = text[command.start : command.start + len(command.name)]
        self.file, self.command = file, command
        self.upper = name.isupper()
        self.gap = text[command.start + len(name) : text.index("(", command.start)]
        line = text[line_start(text, command.start) : command.start]
        self.indent = line if not line.strip() else ""
        self.step = _step(text)
        self.end = "\r\n" if "\r\n" in text else "\n"

    def block(
        self, start: Head, items: list[str], minimum: tuple[int, ...], *, lookup: bool, strict: bool
    ) -> str:
        """Return the guarded commands as lines, empty where no platform needs one."""
        reached = self._linking_platforms()
        branches: list[tuple[str, str]] = []
        name, head = start
        if reached:
            branches.append((" OR ".join(reached), self.line(name, *head, *items)))
        is_apple = may_reach(self.file, self.command.start, DARWIN)
        if not lookup and is_apple:
            branches.append(("APPLE", self.dynamic_lookup(name, head, minimum)))
        if strict:
            guard = "NOT APPLE" if lookup and is_apple else ""
            branches.append((guard, self.leave_undefined(start)))
        return self.conditional_lines(branches)

    def _linking_platforms(self) -> list[str]:
        """Return the variables of the platforms that link Python and may reach the command."""
        return [
            each.name.upper()
            for each in LINKING_PLATFORMS
            if may_reach(self.file, self.command.start, each)
        ]

    def condition_elsewhere(self) -> str:
        """Return the condition for the platforms that link no Python, macOS aside."""
        is_apple = may_reach(self.file, self.command.start, DARWIN)
        names = [*self._linking_platforms(), *(["APPLE"] if is_apple else [])]
        return (
            f"NOT ({' OR '.join(names)})" if len(names) > 1 else "".join(f"NOT {n}" for n in names)
        )

    def leave_undefined(self, start: Head) -> str:
        """Return the command by which the linker leaves a module's symbols undefined."""
        name, (target, *scope) = start[0], start[1] or [""]
        scope = [_OWN.get(word, word) for word in scope]
        return self.line(name, *([target] if target else []), *scope, UNDEFINED)

    def conditional_lines(self, branches: list[tuple[str, str]]) -> str:
        """Return commands under conditions as lines; the last condition may be empty."""
        if len(branches) == 1 and not branches[0][0]:
            return f"{self.indent}{branches[0][1]}{self.end}"
        lines = []
        for number, (guard, line) in enumerate(branches):
            word = ("elseif" if guard else "else") if number else "if"
            lines += [self.line(word, *([guard] if guard else [])), self.step + line]
        lines += [self.line("endif")] if lines else []
        return "".join(f"{self.indent}{line}{self.end}" for line in lines)

    def dynamic_lookup(self, name: str, head: list[str], minimum: tuple[int, ...]) -> str:
        """Return the command by which macOS leaves the module's symbols to be looked up."""
        if name in ("list", "link_libraries") or "INTERFACE" in head[1:]:
            return self.line(name, *head, _FLAG)
        target = head[0]
        if name == "swig_link_libraries":
            target = f"${{SWIG_MODULE_{target}_REAL_NAME}}"
        if minimum >= LINK_OPTIONS_SINCE:
            option = '"LINKER:-undefined,dynamic_lookup"'
            return self.line("target_link_options", target, "PRIVATE", option)
        flags = '" -undefined dynamic_lookup"'
        words = ("TARGET", target, "APPEND_STRING", "PROPERTY", "LINK_FLAGS", flags)
        return self.line("set_property", *words)

    def line(self, name: str, *arguments: str) -> str:
        """Return a command in the letters and blanks of the one that it is written for."""
        return f"{name.upper() if self.upper else name}{self.gap}({' '.join(arguments)})"


def _step(text: str) -> str:
    """Return by what most lines of a file are further in than the line before."""
    found = [match[1] for match in _INDENTATION.finditer(text)]
    if next(filter(None, found), "").startswith("\t"):
        return "\t"
    widths = [0, *map(len, found)]
    steps = Counter(after - before for before, after in pairwise(widths) if after > before)
    return " " * (steps.most_common(1)[0][0] if steps else 2)


def may_reach(file: Listfile, offset: int, platform: Platform) -> bool:
    """Return whether the conditions around an offset may hold on a platform."""
    return all(_may_enter(block, branch, platform) for block, branch in _around(file.nodes, offset))


def _around(nodes: tuple[Node, ...], offset: int) -> Iterator[tuple[Block, int]]:
    """Yield each ``if`` around an offset with the number of the branch that it is in."""
    for node in nodes:
        if isinstance(node, Block) and node.opening.start <= offset < node.end:
            starts = [command.start for command, _ in node.branches]
            branch = sum(start <= offset for start in starts) - 1
            if node.opening.name == "if":
                yield node, branch
            yield from _around(node.branches[branch][1], offset)


def _may_enter(block: Block, branch: int, platform: Platform) -> bool:
    truths = [
        True if command.name == "else" else _truth(command, platform)
        for command, _ in block.branches[: branch + 1]
    ]
    return truths[-1] is not False and True not in truths[:-1]


def _truth(command: Command, platform: Platform) -> bool | None:
    return Condition(command.arguments, platform, lambda text: text, lambda _: None).truth()
