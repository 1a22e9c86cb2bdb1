"""Interprets shell text: which commands run, with which words.

Nothing is executed: variables are assigned, what asks for the platform is decided, and
each undecided condition is entered on one path or another (``PathSelector``).
Loops and functions are run once, where they are defined. A command's words are those
after expansion and splitting (``expansion``).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from no_libpython_dlopen.buildsystems.commands import platform_conditions
from no_libpython_dlopen.buildsystems.commands.assumptions import Question
from no_libpython_dlopen.buildsystems.commands.path_exploration import BranchState
from no_libpython_dlopen.buildsystems.commands.provenance import Span, TrackedText, join_texts
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.shell import conditions as shell_test
from no_libpython_dlopen.buildsystems.shell import lexer as shell_words
from no_libpython_dlopen.buildsystems.shell.command import Command, Substitution
from no_libpython_dlopen.buildsystems.shell.expansion import Expansion, Value
from no_libpython_dlopen.buildsystems.shell.fields import ASSIGNMENT, Fields
from no_libpython_dlopen.buildsystems.shell.folders import Folders
from no_libpython_dlopen.buildsystems.shell.lexer import Token
from no_libpython_dlopen.buildsystems.shell.loops import Loops
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.knowledge.three_valued import any_of, negation
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.limits import SHELL_COMMANDS, SHELL_DEPTH

_DECLARING = frozenset({"export", "declare", "local", "readonly", "typeset"})
_SHELL = re.compile(r"(?:.*/)?(?:ba|da|z|k)?sh")
_SCRIPT = re.compile(r"-[a-z]*c")
#: The options of ``set`` that have all variables exported, or stop that.
_ALL_EXPORTED = re.compile(r"[-+][a-zA-Z]*a[a-zA-Z]*|[-+]o allexport")
_GLUE = frozenset({"{", "}", "!", "do", "then", "else", "time", "("})


@dataclass(slots=True)
class Shell(Expansion):
    """The state of one run: its variables, how many commands it has run, and how deep."""

    steps: int = 0
    depth: int = 0
    folders: Folders = field(default_factory=Folders)

    def run(self, text: TrackedText, sink: Callable[[Command], None]) -> None:
        """Interpret some text. Raises ``LexError`` with an offset into ``text.text``."""
        self.paths.budget.spend(len(text) // 50)
        _Interpreter(self, text, sink).run(shell_words.tokens(text.text))

    def emit(self, command: Command, sink: Callable[[Command], None]) -> None:
        """Hand on a command, and those of the script that is the argument of ``sh -c``."""
        sink(command)
        words = command.words
        for index, word in enumerate(words[:-2]):
            if _SHELL.fullmatch(word.text) and _SCRIPT.fullmatch(words[index + 1].text):
                if self.depth >= SHELL_DEPTH:
                    analysis.note_limit(SHELL_DEPTH)
                else:
                    inner = Shell(
                        self.platform, self.paths, dict(self.variables), set(self.exports)
                    )
                    inner.depth, inner.folders = self.depth + 1, Folders(self.folders.current)
                    for name, value in command.assigned:
                        inner.set(name, (value,), add=False)
                        inner.exports.add(name)
                    with contextlib.suppress(LexError):  # it was put together at run time
                        inner.run(words[index + 2], sink)
                return

    def substitution(self, inner: TrackedText, span: Span) -> TrackedText:
        """Return the output of a command substitution: a system's name, or unknown text."""
        note = self.commands(inner)
        if note is not None and note.commands:
            words = [word.text for word in note.commands[0]]
            system = platform_conditions.system(words, self.platform)
            if system is not None:
                return TrackedText.generated(
                    platform_conditions.filter_system(system, note.commands[1:]), span
                )
            if len(note.commands) == 1 and words[:1] == ["echo"] and len(words) > 1:
                return join_texts(note.commands[0][1:])
        return TrackedText.unknown(span, note)

    def commands(self, inner: TrackedText) -> Substitution | None:
        """Return the commands of a substitution; ``None`` if nested too deeply, or no shell."""
        if self.depth >= SHELL_DEPTH:
            analysis.note_limit(SHELL_DEPTH)
            return None
        found: list[Command] = []
        nested = Shell(self.platform, self.paths, dict(self.variables), depth=self.depth + 1)
        try:
            nested.run(inner, found.append)
        except LexError:
            return None
        self.steps += nested.steps
        fallback = any(command.after == "||" for command in found)
        return Substitution(tuple(command.words for command in found), fallback)


class _Interpreter(Fields):
    """One run over one list of tokens."""

    def __init__(self, shell: Shell, text: TrackedText, sink: Callable[[Command], None]) -> None:
        super().__init__(shell, text)
        self.shell: Shell = shell
        self.sink = sink
        self.chains: list[tuple[str, BranchState]] = []
        #: The truth of the last command; of a condition, once `then` comes.
        self.truth: bool | None = None
        self.question: Question | None = None
        #: The value of what each `case` asks for, and how it is spelled.
        self.case: list[tuple[TrackedText, str]] = []
        self.skipping = False
        #: The tokens, the one that is read next, and the loops around it.
        self.tokens: list[Token] = []
        self.index = 0
        self.loops = Loops()

    @property
    def alive(self) -> bool:
        # A branch is alive only while those around it are.
        return not self.skipping and (not self.chains or self.chains[-1][1].alive)

    def run(self, tokens: list[Token]) -> None:
        """Split the tokens into commands and run these."""
        self.tokens = tokens
        self.command(*self.run_up_to_last())
        while self.index < len(tokens):  # the last command was the end of a loop
            self.command(*self.run_up_to_last())

    def run_up_to_last(self) -> tuple[list[Token], str]:
        """Run the commands that something ends, from the next token on; return the last one."""
        tokens = self.tokens
        command: list[Token] = []
        after = ""
        array = 0
        testing = False
        while self.index < len(tokens):
            index, token = self.index, tokens[self.index]
            self.index += 1
            if token.kind in ("blank", "comment", "here"):
                continue
            spelled = self.string[token.start : token.end]
            mark = spelled if token.kind == "operator" else ""
            testing = (testing or spelled == "[[") and spelled != "]]"
            if testing and token.kind != "newline":
                command.append(token)
                continue
            if spelled == "in" and len(command) >= 2 and self.is_word(command[-2], "case"):
                self.command([*command, token], after)
                command = []
                continue
            if array or (mark == "(" and command and self.opens_array(tokens, index)):
                array += (mark == "(") - (mark == ")")
                command.append(token)
                continue
            redirects = mark.strip("0123456789&|") in ("<", ">", ">>", "<<", "<<-", "<<<", "<>")
            if token.kind != "newline" and (not mark or redirects):
                command.append(token)
                continue
            # `a)` ends a case's pattern, `)` a subshell.
            if mark in ("(", ")", "|") and self.in_patterns() and (command or mark == "("):
                command.append(token)
                if mark == ")":
                    self.pattern(command)
                    command = []
                continue
            start = self.index
            self.command(command, after)
            command = []
            if self.index < start:  # the body of a loop runs again
                after = ""
                continue
            after = mark
            self.shell.folders.connect(mark)
            self.connect(mark)
            if mark in (";;", ";&", ";;&"):
                self.expect_pattern()
        return command, after

    def opens_array(self, tokens: list[Token], index: int) -> bool:
        before = tokens[index - 1]
        return before.kind == "word" and bool(
            ASSIGNMENT.fullmatch(self.string, before.start, before.end)
        )

    def connect(self, mark: str) -> None:
        """Skip what `&&` and `||` decide; any other operator ends that."""
        if mark == "&&":
            self.skipping = self.truth is False
        elif mark == "||":
            self.skipping = self.truth is True
        elif mark != "|":
            self.skipping = False

    # -- compound commands ------------------------------------------------------------

    def in_patterns(self) -> bool:
        return bool(self.chains) and self.chains[-1][0] == "pattern"

    def expect_pattern(self) -> None:
        if self.chains and self.chains[-1][0] == "clause":
            self.chains[-1] = ("pattern", self.chains[-1][1])

    def pattern(self, tokens: list[Token]) -> None:
        """Decide a case's clause by its patterns."""
        words = [token for token in tokens if token.kind == "word"]
        _, chain = self.chains[-1]
        chain.alive = chain.outer
        value = self.case[-1][0].text if self.case else UNKNOWN_PART
        truths = [
            platform_conditions.matches(
                value, self.shell.value(self.text, word.start, word.end).text, self.platform
            )
            for word in words
        ]
        chain.branch(any_of(truths), tokens[0].start, self.case_question(words))
        self.chains[-1] = ("clause", chain)

    def case_question(self, patterns: list[Token]) -> Question | None:
        """Return the question that the only pattern of a clause asks."""
        pattern = self.string[patterns[0].start : patterns[0].end] if len(patterns) == 1 else "*"
        return shell_test.equality(self.case[-1][1], pattern.strip("\"'")) if self.case else None

    @property
    def platform(self) -> Platform:
        return self.shell.platform

    def command(self, tokens: list[Token], after: str) -> None:
        """Run one command, or the keywords that begin it."""
        tokens = [token for token in tokens if token.kind != "newline"]
        while tokens and tokens[0].kind == "word":
            word = self.string[tokens[0].start : tokens[0].end]
            if self.in_patterns() and word != "esac":
                return
            if word == "if":
                self.chains.append(
                    ("if", BranchState(self.shell.paths, self.alive, self.string, alive=self.alive))
                )
            elif word in ("then", "elif", "else", "fi"):
                self.keyword(word, tokens[0].start)
            elif word == "case":
                self.open_case(tokens)
                return
            elif word == "esac":
                if self.chains and self.chains[-1][0] in ("pattern", "clause"):
                    self.chains.pop()[1].leave(tokens[0].start)
                    self.case.pop()
            elif word == "for":
                self.loop(tokens)
                return
            elif word in ("while", "until", "select"):
                self.loops.enter()
            elif word == "done" and self.repeat(tokens[0].start):
                return
            elif word not in _GLUE and word not in ("done", "function"):
                break
            if word == "!":
                self.simple(tokens[1:], after)
                self.truth = self.truth if self.skipping else negation(self.truth)
                if self.question:
                    self.question = self.question._replace(inverted=not self.question.inverted)
                return
            tokens = tokens[1:]
        self.simple(tokens, after)

    def keyword(self, word: str, at: int) -> None:
        """Enter or leave a branch of the innermost `if`."""
        if not self.chains or self.chains[-1][0] != "if":
            return
        chain = self.chains[-1][1]
        if word == "fi":
            self.chains.pop()[1].leave(at)
            self.truth = None
        elif word == "then":
            chain.branch(self.truth, at, self.question)
        elif word == "else":
            chain.branch(True, at)
        else:  # the condition itself is run where no branch was
            chain.leave(at)
            chain.alive = chain.outer and not chain.done
        self.skipping = False

    def open_case(self, tokens: list[Token]) -> None:
        outer = self.alive
        value, spelled = TrackedText.unknown((0, 0)), ""
        if len(tokens) > 1 and outer:
            value = self.shell.value(self.text, tokens[1].start, tokens[1].end)
            spelled = self.string[tokens[1].start : tokens[1].end]
        self.case.append((value, spelled))
        self.chains.append(("pattern", BranchState(self.shell.paths, outer, self.string)))

    def loop(self, tokens: list[Token]) -> None:
        """Give a loop's variable its first value, none where only some may be libpython's name."""
        words = [token for token in tokens if token.kind == "word"]
        if len(words) < 2 or not self.alive:
            self.loops.enter()
            return
        name = self.string[words[1].start : words[1].end]
        values = [
            field
            for token in words[3:]
            for field in self.shell.fields(self.text, token.start, token.end)
        ]
        if len({"python" in value.text for value in values}) != 1:
            values = [TrackedText.unknown((0, 0))]  # to cut it out would take the others along
        self.shell.set(name, (values[0],), add=False)
        self.loops.enter(self.index, name, values[1:])

    def repeat(self, at: int) -> bool:
        """Go back to the start of a loop's body at its end, if its variable has another value."""
        loop = self.loops.next_turn(self.text.text, self.tokens, at)
        if loop is None or not self.alive:
            return False
        self.shell.set(loop.name, (loop.values[0],), add=False)
        self.index = loop.start
        return True

    # -- simple commands ----------------------------------------------------------------

    def simple(self, tokens: list[Token], after: str) -> None:
        """Run one simple command."""
        self.shell.steps += 1
        self.shell.paths.budget.spend(10 + len(tokens))
        if not self.skipping:
            self.truth = self.question = None
        if self.shell.steps > SHELL_COMMANDS:
            raise LimitReached(SHELL_COMMANDS)
        if not tokens or not self.alive:
            return
        assigned: list[tuple[str, Value, bool]] = []
        index = 0
        while index < len(tokens):
            match = ASSIGNMENT.match(self.string, tokens[index].start, tokens[index].end)
            if tokens[index].kind != "word" or match is None:
                break
            value, index = self.assigned_value(tokens, index, match)
            assigned.append((match["name"], value, bool(match["add"])))
        first = self.string[tokens[index].start : tokens[index].end] if tokens[index:] else ""
        if first in _DECLARING:
            self.declare(tokens[index:])
            return
        words = list(self.words(tokens[index:]))
        if not words:
            for name, values, add in assigned:
                self.shell.set(name, values, add=add)
            self.truth = True
            self.emit_substitutions(assigned)
            return
        self.truth = shell_test.truth([word.text for word in words], self.platform)
        if after not in ("&&", "||"):
            spelled = [self.string[token.start : token.end] for token in tokens[index:]]
            self.question = shell_test.question_of(spelled)
        if words[0].text in ("eval", ".", "source"):
            self.shell.paths.assumptions.forget_all()
        self.change_variables([word.text for word in words])
        if self.truth is not False:
            self.shell.folders.run(words)
        single = tuple((name, values[0]) for name, values, _ in assigned if len(values) == 1)
        exported = self.shell.exported_variables()
        command = Command(tuple(words), single, exported, after, self.shell.folders.current)
        self.shell.emit(command, self.sink)

    def change_variables(self, words: list[str]) -> None:
        """Do what ``unset``, ``read`` and ``set`` do to variables."""
        if words[0] in ("unset", "read"):
            for word in words[1:]:
                self.shell.set(word, (TrackedText.unknown((0, 0)),), add=False)
        if words[0] == "unset":
            self.shell.exports.difference_update(words[1:])
        if words[0] == "set":
            for before, word in pairwise(words):
                if _ALL_EXPORTED.fullmatch(f"{before} {word}" if before[1:] == "o" else word):
                    self.shell.exports_all = (before if before[1:] == "o" else word)[0] == "-"

    def emit_substitutions(self, assigned: list[tuple[str, Value, bool]]) -> None:
        """Let commands be seen that run only to give a variable its value."""
        texts = (text for _, values, _ in assigned for text in values)
        for note in (note for text in texts for note in text.notes()):
            if isinstance(note, Substitution):
                for words in filter(None, note.commands):
                    self.sink(Command(words))
