"""Who else reads what a shell script links modules with: scripts, texts, tests."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.model.finding import Applicability
from tests.buildsystems.rewriting import found

HEAD = "#!/bin/sh\n"
LIBS = 'PY="-lpython3.11"\n'
LINK = "gcc -shared -o _spam.cpython-311-x86_64-linux-gnu.so spam.o $PY\n"

#: Lines behind the link, and what the fix says of them.
TOLD = {
    "a script that is run": ("export PY\nsh build.sh\n", "exported to everything"),
    "exported with others": ("export CC PY LD\n./build.sh\n", "exported to everything"),
    "bash's declaration": ("declare -gx PY\n./build.sh\n", "exported to everything"),
    "all exported": ("set -a\n./build.sh\n", "exported to everything"),
    "all exported by name": ("set -o allexport\n./build.sh\n", "exported to everything"),
    "what is made of it": ('ALL="-lm $PY"\nexport ALL\n./build.sh\n', "`ALL` is exported"),
    "a script that is read": (". ./more.sh\n", "read into this one"),
    "bash's source": ("source more.sh\n", "read into this one"),
    "a response file": ('echo "$PY" > x.rsp\n', "written into a text"),
    "a pipe": ("printf '%s' $PY | xargs ld\n", "written into a text"),
    "a here-document": ("cat <<END\nLibs: ${PY}\nEND\n", "written into a text"),
    "a value that has to be": (': "${PY:?none}"\n', "a condition of the script"),
    "another value if there is one": ("echo ${PY:+-g}\n", "a condition of the script"),
    "case": ('case "$PY" in -l*) ;; esac\n', "a condition of the script"),
    "eval": ("eval 'gcc -o app main.c $PY'\n", "may be `PY`"),
    "eval of a name": ("n=PY\neval x=\\$$n\ngcc -o app main.c $x\n", "may be `PY`"),
    "a name in a variable": ("n=PY\ngcc -o app main.c ${!n}\n", "may be `PY`"),
    "a reference to it": ("declare -n r=PY\ngcc -o app main.c $r\n", "may be `PY`"),
    "trap": ("trap 'gcc -o app main.c $PY' EXIT\n", "a text that is run later"),
    "quotation marks": (
        'gcc -shared -o _eggs.cpython-311-x86_64-linux-gnu.so "$PY"\n',
        "an empty `PY`",
    ),
}
NOT_TOLD = {
    "nothing": "",
    "another variable": "export CC\necho $CC > x\n",
    "a message": 'echo "linked with $PY"\necho "$PY" >&2\n',
    "a name that contains it": "export PYTHON MY_PY\n",
    "a text without it": "cat <<END\nPY\nEND\n",
}


@pytest.mark.parametrize(("lines", "told"), TOLD.values(), ids=TOLD)
def test_a_fix_tells_who_reads_the_variable(lines: str, told: str) -> None:
    (finding,) = found(HEAD + LIBS + LINK + lines, "build.sh")
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    assert told in " ".join(finding.fix.caveats)


@pytest.mark.parametrize("lines", NOT_TOLD.values(), ids=NOT_TOLD)
def test_a_fix_that_nothing_else_notices_is_safe(lines: str) -> None:
    (finding,) = found(HEAD + LIBS + LINK + lines, "build.sh")
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.SAFE


def test_items_that_are_selected_by_position() -> None:
    text = f"FLAGS=(-lpython3.11 -lm)\n{LINK.replace('$PY', '${FLAGS[0]} ${FLAGS[1]}')}"
    (finding,) = found("#!/bin/bash\n" + text, "build.sh")
    assert finding.fix is not None
    assert "the script selects words of `FLAGS` by position" in finding.fix.caveats


def test_a_flag_in_the_command_itself_is_no_variable_s() -> None:
    text = HEAD + LINK.replace("$PY", "-lpython3.11") + "export PY\n. ./more.sh\n"
    (finding,) = found(text, "build.sh")
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.SAFE
