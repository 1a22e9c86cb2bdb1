"""How a function of CMake sorts the words that it is called with under keywords."""

from __future__ import annotations

from dataclasses import replace

from no_libpython_dlopen.buildsystems.cmake.arguments import Word
from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.state import State


def parse(state: State, command: Command) -> None:
    """Sort a function's words under its keywords, as ``cmake_parse_arguments`` does."""
    arguments = command.arguments
    if len(arguments) > 1 and arguments[0].text == "PARSE_ARGV":
        given = list(state.lookup("ARGV") or ())
        start = arguments[1].text
        given = given[int(start) if start.isascii() and start.isdigit() else 0 :]
        arguments = arguments[2:]
    else:
        given = state.words(arguments[4:], command)
    if len(arguments) < 4:
        return
    prefix = state.name(arguments[0])
    options, one, several = (
        {state.scope.text(item) for item in state.name(argument).split(";") if item}
        for argument in arguments[1:4]
    )
    sorted_: dict[str, list[Word]] = {}
    keyword = ""
    for word in given:
        if word.text in options or word.text in one or word.text in several:
            keyword = "" if word.text in options else word.text
            sorted_.setdefault(word.text, [word] if word.text in options else [])
        elif keyword:
            sorted_[keyword].append(word)
            if keyword in one:
                keyword = ""
    for name in options | one | several:
        known = sorted_.get(name)
        if (
            known is None and any("$" in word.text or "\0" in word.text for word in given)
        ) or name in options:
            state.set(f"{prefix}_{name}", None)
        else:
            state.set(f"{prefix}_{name}", known or ())


#: The parameters of a macro on CMake's wiki that many projects copied before CMake had its own.
PARSED = ("prefix", "arg_names", "option_names")


def parse_as_on_wiki(state: State, command: Command) -> None:
    """Sort a function's words under its keywords, as that macro does."""
    if len(command.arguments) < len(PARSED):
        return
    prefix, *lists = (state.name(argument) for argument in command.arguments[: len(PARSED)])
    keywords, options = (set(names.split(";")) for names in lists)
    given = state.words(command.arguments[len(PARSED) :], command)
    known = not any("$" in word.text or "\0" in word.text for word in given)
    sorted_: dict[str, list[Word]] = {"DEFAULT_ARGS": []}
    keyword = "DEFAULT_ARGS"
    for word in given:
        if word.text in keywords:
            keyword = word.text
            sorted_[keyword] = []
        elif word.text in options:
            sorted_[word.text] = [replace(word, text="TRUE")]
        else:
            sorted_[keyword].append(word)
    for name in keywords | options | {"DEFAULT_ARGS"}:
        state.set(f"{prefix}_{name}", sorted_.get(name, () if known else None))
