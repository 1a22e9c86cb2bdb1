"""What a shell or make does with random files is the same after unused comments are deleted."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from no_libpython_dlopen.engine.api import fix_bytes

C = "# nolibpy: ignore[NLP201]"
SHELL = [
    *("echo a", 'echo "b', 'c"', "echo 'd", "e'", "cat <<EOF", "cat <<'EOF'", "cat <<-EOF", "EOF"),
    *(
        "\tEOF",
        " EOF",
        C,
        f"\t{C}",
        f" {C}",
        f"echo x {C}",
        f"echo x{C}",
        "echo y \\",
        "echo z \\\\",
    ),
    *("x=$(echo q", "echo r)", ")", "`echo s", "t`", "if true; then", "fi", "case a in", "esac"),
    *("a) echo A;;", "f() {", "}", "echo $((1<<2))", "echo ${x#a}", 'echo ${x:-"', '"}', "true &&"),
    *("[[ a == b ]] && \\", f"echo \\{C}", "echo $#", "((1<<2))", f"arr=(1 {C}", "2)", "A", "B"),
    *(
        "cat <<A <<B",
        "EO\\",
        "F",
        'echo "$(cat <<EOF',
        ')"',
        "echo $'\\''",
        "exit 0",
        "{",
        "(",
        "!",
    ),
]
MAKE = [
    *("X = a", f"X = a {C}", f"X += b{C}", "X = a \\", f" b {C}", C, f"\t{C}", f"  {C}", f"{C} \\"),
    *("define Y", "endef", f"define Y {C}", "all:", f"all: {C}", "\techo x", f"\techo x {C}"),
    *('\techo "x \\', f'\ty" {C}', f"\t@{C}", "\techo x \\", "ifdef X", "else", "endif"),
    *(f"ifeq ($(X),a) {C}", f"Z := $(subst a,b,$(X)) {C}", f"Z := \\{C}", f'W = "a {C}"'),
    *(f'Z := $(shell echo "a {C}")', f"export X {C}", f"all: ; echo k {C}", "b: all", ".ONESHELL:"),
    *("\tcat <<EOF", "\tEOF", "SHELL = /bin/bash", "\t$(Y)", f"$(info [$(Z)]) {C}", f">echo p {C}"),
    *(".RECIPEPREFIX = >", f">{C}", f"-include nope {C}", f"X ?= 1{C}", f"\t$(if $(X),{C})"),
]
END = "\n$(info X=[$(X)] Y=[$(value Y)] Z=[$(Z)] W=[$(W)])\nend:\n\techo end"


def _outcome(command: list[str], text: bytes, folder: Path) -> tuple[int, bytes]:
    # GNU make leaves a copy of its input behind where it cannot parse it.
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pieces", "end", "commands"),
    [
        ("a.sh", SHELL, "", [["bash"]]),
        ("Makefile", MAKE, END, [["make", "-sf", "-", goal] for goal in ("all", "b", "end")]),
    ],
    ids=["bash", "make"],
)
def test_programs_do_the_same_without_the_comments(
    name: str, pieces: list[str], end: str, commands: list[list[str]], tmp_path: Path
) -> None:
    if shutil.which(commands[0][0]) is None:
        pytest.skip(f"needs {commands[0][0]}")
    choose = random.Random(7)
    changed = 0
    while changed < 120:
        lines = [choose.choice(pieces) for _ in range(choose.randint(2, 9))]
        text = ("\n".join(lines) + f"{end}\n").encode()
        fixed = fix_bytes(text, name, unsafe=True).data
        if fixed == text:
            continue
        changed += 1
        for command in commands:
            before = _outcome(command, text, tmp_path)
            assert _outcome(command, fixed, tmp_path) == before, (text, fixed)
