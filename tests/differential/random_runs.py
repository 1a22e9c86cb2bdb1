"""Runs random programs before and after their safe fix: ``python -m tests.differential.random_runs``.

``--seconds 600`` is how long, ``--seed 0`` where to begin. Each program runs under a static
and a shared Python with libpython in reach, and under the static one where no libpython can be
opened. What a program printed until it failed, it has to print after the fix as well, and if
it ended well, all of it. A failure is reduced to the statements that it needs.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from no_libpython_dlopen.engine import api
from tests.differential.random_programs import program
from tests.generated.execution import Outcome, no_libraries, of_linkage, run
from tests.runtime.interpreters import Interpreter

BATCH = 20
#: What Python prints of an exception that nobody handled, in a thread or at the end as well.
_FAILED = re.compile(
    r"^(?:Traceback \(most recent|Exception (?:in thread|ignored)|Error in atexit)", re.MULTILINE
)


class Setting(NamedTuple):
    """An interpreter, and the folder with its libraries (the usual one if it is empty)."""

    name: str
    interpreter: Interpreter
    folder: str | None


def settings() -> list[Setting]:
    """Return what programs run under on this machine."""
    found = []
    for linkage in ("static", "shared"):
        if those := of_linkage(linkage):
            newest = max(those, key=lambda one: one.version if one.version < (3, 13) else (0, 0))
            found.append(Setting(linkage, newest, None))
    return [*found, found[0]._replace(name="no libpython", folder=no_libraries())]


def is_changed(before: Outcome, after: Outcome) -> bool:
    """Return whether a fix changed what a program did while it worked."""
    if before.status < 0:
        return False
    failed = _FAILED.search(before.output)
    if failed or before.status:
        printed = before.output[: failed.start()] if failed else before.output
        # A ``finally`` prints after the failure, and later lines may come between.
        rest = iter(after.output.splitlines())
        return not all(line in rest for line in printed.splitlines())
    return before != after


def fixed(text: str) -> str:
    """Return a program with its safe fixes."""
    return api.fix_bytes(text.encode(), "program.py", unsafe=False).data.decode()


def differing(texts: list[str], under: Setting) -> list[str]:
    """Return those programs whose safe fix changes what they do."""
    pairs = [(text, fixed(text)) for text in texts]
    pairs = [(text, new) for text, new in pairs if text != new]
    before = run([text for text, _ in pairs], under.interpreter, under.folder)
    after = run([new for _, new in pairs], under.interpreter, under.folder)
    outcomes = zip(pairs, before, after, strict=True)
    found = [(text, one) for (text, _), one, other in outcomes if is_changed(one, other)]
    # What a program prints anew in each process, such as an address, is no difference.
    again = run([text for text, _ in found], under.interpreter, under.folder)
    return [text for (text, one), other in zip(found, again, strict=True) if one == other]


def reduced(text: str, under: Setting) -> str:
    """Return a program with only those statements that it needs to differ."""
    while smaller := next((one for one in _smaller(text) if differing([one], under)), ""):
        text = smaller
    return text


def _smaller(text: str) -> Iterator[str]:
    """Yield a program without one statement, or with a compound statement's body in its place."""
    count = sum(isinstance(node, ast.stmt) for node in ast.walk(ast.parse(text)))
    for number in range(count):
        for keeps_body in (False, True):
            tree = ast.parse(text)
            statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
            victim = statements[number]
            body = getattr(victim, "body", []) if keeps_body else []
            if keeps_body and not body:
                continue
            for parent in ast.walk(tree):
                for name in ("body", "orelse", "finalbody"):
                    block = getattr(parent, name, None)
                    if isinstance(block, list) and victim in block:
                        at = block.index(victim)
                        block[at : at + 1] = body or ([ast.Pass()] if len(block) == 1 else [])
            try:
                one = f"{ast.unparse(ast.fix_missing_locations(tree))}\n"
                compile(one, "program.py", "exec")
            except (SyntaxError, ValueError):
                continue
            if len(one) < len(text):
                yield one


def main() -> int:
    """Run programs until the time is over. Return 1 if a fix changed what one does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    seed, end, changed, failures = arguments.seed, time.monotonic() + arguments.seconds, 0, 0
    while time.monotonic() < end:
        texts = [program(one) for one in range(seed, seed + BATCH)]
        changed += sum(text != fixed(text) for text in texts)
        seed += BATCH
        for under in settings():
            for text in differing(texts, under):
                failures += 1
                small = reduced(text, under)
                print(f"--- {under.name}\n{small}+++\n{fixed(small)}", flush=True)
    print(f"{seed - arguments.seed} programs, {changed} changed by a fix, {failures} failures")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
