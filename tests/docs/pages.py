"""What the documentation shows: fenced blocks, and the commands in them.

A ``console`` block is a session: lines with ``$ `` are commands (a backslash continues
one), the lines after them are what is printed. ``...`` on a line of its own stands for
any number of lines, inside a line for any text. A ``sh`` block is shown and not run.
An HTML comment ``<!-- needs: PROGRAM… -->`` before a block says what it cannot run without: a program,
or ``libpython3.11``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_FENCE = re.compile(
    r"^(?:<!-- needs: (?P<needs>[^>]*) -->\n+)?"
    r"(?P<indent> *)```(?P<language>\w+)[^\n]*\n(?P<text>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A fenced block: where its text starts and ends in its page, without indentation."""

    language: str
    text: str
    needs: tuple[str, ...]
    span: tuple[int, int]
    indent: str
    line: int


@dataclass(frozen=True)
class Step:
    """A command of a session and what the page says it prints."""

    command: str
    shown: str


def pages() -> list[Path]:
    """Return all Markdown files that users read."""
    found = [ROOT / "flake8_plugin" / "README.md", ROOT / "examples" / "README.md"]
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *found])


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    for match in _FENCE.finditer(text):
        indent = match["indent"]
        lines = match["text"].splitlines(keepends=True)
        yield Block(
            match["language"],
            "".join(line.removeprefix(indent) for line in lines),
            tuple((match["needs"] or "").split()),
            match.span("text"),
            indent,
            text.count("\n", 0, match.start()) + 1,
        )


def steps(session: str) -> list[Step]:
    """Return the commands of a session with their outputs."""
    found: list[Step] = []
    continued = False
    for line in session.splitlines():
        if line.startswith("$ "):
            found.append(Step(line[2:], ""))
        elif continued:
            last = found[-1]
            found[-1] = Step(f"{last.command}\n{line.removeprefix('> ')}", "")
        else:
            last = found[-1]
            found[-1] = Step(last.command, f"{last.shown}{line}\n")
            continue
        continued = found[-1].command.endswith("\\")
    return found


def agrees(shown: str, printed: str) -> bool:
    """Tell whether a page shows what is printed."""
    pattern = ""
    for line in shown.splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split("...")) + r" *\n"
    return (
        re.fullmatch(pattern, printed if printed.endswith("\n") or not printed else f"{printed}\n")
        is not None
    )
