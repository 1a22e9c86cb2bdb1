"""Patterns of paths: what git says of them, in linear time, whatever they look like."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from no_libpython_dlopen.files.path_patterns import MAX_PATTERNS, PathPatterns

#: Patterns, and what they do to a path: leave it out (True), keep it (False), nothing (None).
DECISIONS = [
    ("a", "a", True), ("a", "b/a", True), ("a", "a/b", None), ("a", "ab", None),
    ("/a", "a", True), ("/a", "b/a", None), ("a/b", "a/b", True), ("a/b", "c/a/b", None),
    ("a/", "a", None), ("a/", "a/", True), ("!a", "a", False), ("\\!a", "!a", True),
    ("\\#a", "#a", True), ("#a", "#a", None), ("", "a", None), ("/", "a", None), ("a ", "a", True),
    ("a\\ ", "a ", True), ("*", "a", True), ("**", "a/b", True),
    ("*.py", "x/a.py", True), ("*.py", "a.pyc", None), ("a*b", "a/b", None), ("?", "a", True),
    ("?", "ab", None), ("**/a", "a", True), ("**/a", "b/c/a", True), ("a/**", "a", None),
    ("a/**", "a/", None), ("a/**", "a/b/c", True), ("a/**/b", "a/b", True),
    ("a/**/b", "a/c/d/b", True), ("a/**/b", "a/cb", None), ("a/**/b/**/c", "a/b/b/c", True),
    ("a/**/b/**/c", "a/c/b", None), ("**/**/a", "a", True), ("a**b", "axyb", True), ("a/***/b", "a/c/d/b", True),
    ("[ab]", "a", True), ("[!ab]", "a", None), ("[^ab]", "c", True), ("[a-c]", "b", True),
    ("[]]", "]", True), ("[]-]", "-", True), ("[a-]", "-", True), ("[\\]]", "]", True),
    ("[[:digit:]]", "7", True), ("[[:digit:]]", "x", None), ("[![:alpha:]_]x", "1x", True),
    ("x[[:punct:]]", "x]", True), ("[[:space:]]", "\n", True), ("[[:xdigit:]]*", "F0", True),
    ("a\\*", "a*", True), ("a\\*", "ab", None), ("a.b", "axb", None), ("(a|b)", "a", None),
    ("*a*a*b", "xaxaxb", True), ("*a*a*b", "xaxb", None), ("a*", "a\nb", True),
    ("\udcff*", "\udcffx", True), ("*\u00e9", "caf\u00e9", True), ("?", "\u00e9", None), ("??", "\u00e9", True),
    ("[\u00e9]", "\u00e9", None), ("[!a][!a]", "\u00e9", True), ("*\u00e9?", "\u00e9x", True),
    ("[z-a]", "z", True), ("[z-a]", "a", None), ("x[z-aq]", "xq", True), ("[a/b]", "b", True), ("[a/b]", "x/b", None),
    ("x/[!/]", "x/y", True), ("[x/y]/b", "x/b", True), ("[a/b]", "/", None), ("a\\/b", "a/b", True), ("\\a\\/b", "a/b", True),
    ("[[:a]", ":", True), ("[[:a]", "[", True), ("[[:a]x:]", "ax:]", True), ("[[:alpha:]/x]", "q", True),
    ("[[:digit:]-z]", "-", True), ("[[:digit:]-z]", "k", None), ("[a-b-z]", "z", True), ("[a-b-z]", "k", None),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "path", "decision"), DECISIONS)
def test_a_pattern_decides_as_git_does(pattern: str, path: str, decision: bool | None) -> None:
    patterns = PathPatterns([pattern])
    assert patterns.bad == []
    assert patterns.decide(path.rstrip("/"), folder=path.endswith("/")) is decision


BAD = [
    "[a/b",
    "[[:",
    "[",
    "a[b",
    "[[:nothing:]]",
    "[[:digit:]",
    "a\\",
    "[a\\",
    "x" * 5000,
    "//",
    "a//b",
]


@pytest.mark.parametrize("pattern", BAD)
def test_a_pattern_that_nothing_can_match_is_named_and_the_others_hold(pattern: str) -> None:
    patterns = PathPatterns(["b", pattern, "!c"])
    assert patterns.bad == [pattern]
    assert [patterns.decide(name, folder=False) for name in "abc"] == [None, True, False]


def test_more_patterns_than_a_person_writes_are_named() -> None:
    patterns = PathPatterns(f"a{number}" for number in range(MAX_PATTERNS + 2))
    assert patterns.bad == [f"a{MAX_PATTERNS}", f"a{MAX_PATTERNS + 1}"]


LONG = {
    "stars in a name": ("*a" * 40 + "*b", "a" * 250),
    "stars and a class": ("*[ab]" * 40 + "*c", "ab" * 125),
    "folders": ("a/**/" * 40 + "b", "a/" * 200 + "c"),
    "folders with stars": ("**/*a*a/" * 20 + "b", "aa/" * 200 + "c"),
    "hundreds of folders": ("**/" + "a/" * 1000 + "b", "a/" * 2000 + "a"),
    "question marks": ("*" + "?" * 200 + "*" + "?" * 40 + "b", "a" * 250),
}


@pytest.mark.parametrize(("pattern", "path"), LONG.values(), ids=LONG)
def test_matching_takes_no_longer_than_the_pattern_and_the_path_are_long(
    pattern: str, path: str
) -> None:
    patterns = PathPatterns([pattern])
    started = time.process_time()
    for _ in range(20):
        assert patterns.decide(path, folder=False) is None
    assert time.process_time() - started < 2


def test_what_is_in_a_folder_that_is_left_out_cannot_be_taken_back() -> None:
    patterns = PathPatterns(["a/", "!a/b", "*.py", "!keep.py"])
    assert patterns.leave_out("a/b")
    assert patterns.leave_out("x/y.py")
    assert not patterns.leave_out("x/keep.py")
    assert not patterns.leave_out("a")
    assert patterns.leave_out("a/")


def _random_pattern(chance: random.Random) -> str:
    pieces = ["a", "b", "c", "*", "**", "?", "/", "/**/", "[ab]", "[!a]", "[^b-c]", "[[:alpha:]]"]
    pieces += [
        "\\a",
        "[]a]",
        "[a-]",
        ".",
        "-",
        "[\\b]",
        "[z-a]",
        "[a/b]",
        "[[:a]",
        "[[:alpha:]",
        "\\/",
    ]
    text = "".join(chance.choice(pieces) for _ in range(chance.randint(1, 6)))
    return chance.choice(["", "", "", "!", "/"]) + text + chance.choice(["", "", "", "/"])


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_random_patterns_decide_as_git_does(tmp_path: Path) -> None:
    chance = random.Random(25)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    names = ["a", "b", "ab", "ba", "c", "a.b", "-", "abc", "]"]
    folders = ["a", "b", "ab", "]", "a/a", "a/ab", "b/c", "ab/a.b"]
    for folder in folders:
        (tmp_path / folder).mkdir()
    files = [f"{folder}/{name}" for folder in (".", *folders) for name in names]
    files = [file.removeprefix("./") for file in files]
    paths = [*folders, *(file for file in files if file not in folders)]
    for path in paths[len(folders) :]:
        (tmp_path / path).write_text("")
    for _ in range(60):
        lines = [_random_pattern(chance) for _ in range(chance.randint(1, 4))]
        (tmp_path / ".gitignore").write_text("\n".join(lines) + "\n")
        done = subprocess.run(
            ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "--stdin"],
            cwd=tmp_path, input="\n".join(paths), capture_output=True, text=True, check=False,
        )  # fmt: skip
        ignored = set(done.stdout.splitlines())
        patterns = PathPatterns(lines)
        for path in paths:
            asked = path + "/" * (path in folders)
            assert patterns.leave_out(asked) == (path in ignored), (lines, path)


def test_an_expression_is_made_only_for_a_name_that_may_match(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thousands of classes that match nothing cost no more than a search for their texts."""
    made: list[str] = []
    compile_expression = re.compile

    def spy(pattern: str, flags: int = 0) -> re.Pattern[str]:
        made.append(pattern)
        return compile_expression(pattern, flags)

    monkeypatch.setattr(re, "compile", spy)
    patterns = PathPatterns(f"?x{number}[a-c]?y" for number in range(1000))
    assert patterns.decide("bx17czy", folder=False) is True
    assert patterns.decide("bx17dzy", folder=False) is None
    assert patterns.decide("src", folder=False) is None
    assert len(made) == len(set(made)) == 2  # `x1` and `x17` are in the name, no other text
