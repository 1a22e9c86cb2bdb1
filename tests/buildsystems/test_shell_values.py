"""Shell: which branches are taken on Unix, and what words come to."""

from __future__ import annotations

import pytest

from tests.buildsystems.rewriting import fixed, found, reported

NAME = "build.sh"
CC = "cc -shared -fPIC m.c -o m.abi3.so"
BRANCHES = f"if {{}}; then\n{CC} -lpython3.11 # then\nelse\n{CC} -lpython3.12 # else\nfi\n"
THEN, ELSE = ("NLP201", "-lpython3.11"), ("NLP201", "-lpython3.12")

HOLDS = [
    *("true", ":", "! false", '[ -n "a" ]', '[ -z "" ]', "test -n a", "test ! -z a"),
    *("[ a = a ]", "[ a != b ]", "[[ a == a ]]", "[ xa = xa ]", "[ ! a = b ]"),
    *('[ "$(uname)" != "MINGW64" ]', '[[ "$OSTYPE" != msys* ]]', "[[ linux-gnu =~ linux ]]"),
    *("true || is_x", "! is_windows || is_x", "is_windows && is_x || true"),
    *('[[ ! "$OSTYPE" =~ ^(msys|cygwin) ]]', '! [[ "$OSTYPE" =~ ^(msys|win32) ]]', "! is_windows"),
    *(
        "[[ $OSTYPE =~ ^(linux|msys|darwin) ]]",
        "[[ $OSTYPE =~ linux|darwin ]]",
        "[[ ab =~ ^(x|a) ]]",
    ),
    *("[ a = a -o a = b ]", "[[ a = a && b = b ]]", "[ a = a -a b = b ]"),
]
FAILS = [
    *("false", "! true", '[ -z "a" ]', "test a = b", "[[ a =~ b ]]", "[ a = b -a a = a ]"),
    *('[ "$(uname)" = "Windows_NT" ]', '[[ "$OSTYPE" == cygwin* ]]', "[[ a = b || b = c ]]"),
    *('[[ "$(uname -s)" =~ MINGW ]]', '[ "$(uname -s | tr A-Z a-z)" = windows ]'),
    *('[ "$OS" = "Windows_NT" ]', '[[ "$OSTYPE" =~ ^(msys|cygwin|win32) ]]', "is_windows"),
    *("[[ $(uname -s) =~ ^(MINGW|MSYS|CYGWIN).*$ ]]", '[[ "$OSTYPE" =~ ^msys|^cygwin ]]'),
    *('[[ "$SYSTEM" =~ (msys|mingw) ]]', "running_on_mingw", "is_windows && is_x"),
    *(
        "is_windows && ! is_x",
        "is_windows && true && is_x",
        '[ "$OS" = Windows_NT ] && [ -n "$X" ]',
    ),
    '[[ "$OSTYPE" =~ ^(msys|cygwin)$ || "$OS" = Windows_NT ]]',
]
OPEN = [
    *("some-command", '[ -n "$X" ]', "[ -f a ]", '[ "$X" = a ]', '[ "$(uname -m)" = x86_64 ]'),
    *("[[ $X =~ a ]]", '[[ "$(uname)" =~ ^Darwin ]]', '[ "$(uname)" = "Linux" ]', "[ 1 -lt 2 ]"),
    *(
        '[[ "$OSTYPE" =~ ^(linux|msys) ]]',
        '[[ "$X" =~ ^(a|b) ]]',
        '[[ "$(uname)" =~ ^(Linux|MINGW) ]]',
    ),
    *("true || is_y && is_x", "is_windows || is_x", "is_windows && true || is_x"),
    *("build_windows", "is_not_windows", "is_x", "[[ a =~ ^(a ]]", "[[ ab =~ (a.*|b){9} ]]"),
    *("! grep -q a b", "[ a = a ", "test"),
]


@pytest.mark.parametrize("condition", HOLDS)
def test_what_holds_leaves_the_else_to_other_platforms(condition: str) -> None:
    assert reported(BRANCHES.format(condition), NAME) == [THEN]


@pytest.mark.parametrize("condition", FAILS)
def test_what_fails_leaves_the_first_branch_to_other_platforms(condition: str) -> None:
    assert reported(BRANCHES.format(condition), NAME) == [ELSE]


@pytest.mark.parametrize("condition", OPEN)
def test_what_may_be_either_links_in_both(condition: str) -> None:
    assert reported(BRANCHES.format(condition), NAME) == [THEN, ELSE]


#: Lines, and whether they link the library.
LINES = {
    f"L=${{L:--lpython3.11}}\n{CC} $L": False,  # what others set is not known
    f'L="-lpython3.11"\n{CC} ${{L:-}}': True,
    f'L="-lpython3.11"\n{CC} ${{L:+-lz}}': False,
    f'L="-lpython3.11"\n{CC} ${{L%.11}}': False,
    f'L="-lpython3.11 "\n{CC} $L-lz': True,
    f'L=" -lpython3.11"\n{CC} -lz$L': True,
    f"L=(-lz -lpython3.11)\n{CC} ${{L[*]}}": True,
    f"L=(-lpython3.11 -lz)\n{CC} ${{L[0]}}": True,
    f"L=(-lpython3.11 -lz)\n{CC} ${{L[1]}}": False,
    f"{CC} $'-lpython3.11'": True,
    f'{CC} $"-lpython3.11"': True,
    f"{CC} $'-l\\x70ython3.11'": False,
    f"{CC} -l$((3 + 1)) -lpython3.11": True,
    f"{CC} $(echo -lz -lpython3.11)": True,
    f"{CC} `echo -lpython3.11`": True,
    f'sh -c "{CC} -lpython3.11"': True,
    f"bash -ec '{CC} -lpython3.11'": True,
    f"L=-lpython3.11 sh -c '{CC} $L'": True,
    f"sh -c '{CC} -lpython3.11": False,  # a quotation that is not closed
    f"L=-lpython3.11\nunset L\n{CC} $L": False,
    f"L=-lpython3.11\nread L\n{CC} $L": False,
    f"true && {CC} -lpython3.11": True,
    f"false && {CC} -lpython3.11": False,
    f"true || {CC} -lpython3.11": False,
    f"false || {CC} -lpython3.11": True,
    f"some-command || {CC} -lpython3.11": True,
    f"! true || {CC} -lpython3.11": True,
    f"for v in 3.10 3.11; do {CC} -lpython$v; done": True,
    f"for l; do {CC} $l -lpython3.11; done": True,
    # To cut these out would take the other library along.
    f"for l in python3.11 z; do {CC} -l$l; done": False,
    f"for l in z python3.11; do {CC} -l$l; done": False,
    f"while read l; do {CC} -lpython3.11; done": True,
    f"until false; do {CC} -lpython3.11; done": True,
    f"case x in x) {CC} -lpython3.11;; esac": True,
    f"case x in y) {CC} -lpython3.11;; esac": False,
    f"case x in (x|y) {CC} -lpython3.11;; *) ;; esac": True,
    f"case $X in @(a|b)) {CC} -lpython3.11;; esac": True,
    f"if true; then :; elif true; then {CC} -lpython3.11; fi": False,
    f"if false; then :; elif true; then {CC} -lpython3.11; fi": True,
    f"if false; then :; elif false; then :; else {CC} -lpython3.11; fi": True,
}


@pytest.mark.parametrize(("lines", "linked"), LINES.items(), ids=LINES)
def test_words_are_expanded_as_a_shell_does(lines: str, linked: bool) -> None:
    findings = reported(f"{lines}\n# python3.11\n", NAME)
    assert {code for code, _ in findings} == ({"NLP201"} if linked else set()) or (
        lines.startswith("sh -c '") and not linked and findings[0][0] == "NLP900"
    )


#: What stands in front of the compiler, and whether a module is linked.
PROGRAMS = {
    "": True,
    "ccache ": True,
    "env -i PATH=/bin ": True,
    "A=1 B=2 ": True,
    "sudo -E ": True,
    "time ": True,
    "x86_64-w64-mingw32-": False,
    "echo ": False,
    "# ": False,
}


@pytest.mark.parametrize(("before", "links"), PROGRAMS.items(), ids=PROGRAMS)
def test_the_program_is_looked_for_behind_others(before: str, links: bool) -> None:
    assert bool(reported(f"{before}{CC} -lpython3.11\n", NAME)) is links


@pytest.mark.parametrize(
    ("output", "links"),
    [
        *(("m.abi3.so", True), ("m.cpython-311-darwin.so", True), ("m.pyd", False)),
        *(("libm.so", False), ("m.exe", False), ("m.o", False), ("m.dll", False)),
        ("m$(python3-config --extension-suffix)", True),
    ],
)
def test_the_output_tells_a_module(output: str, links: bool) -> None:
    text = f"cc -shared -fPIC m.c -o {output} -lpython3.11\n"
    assert bool(reported(text, NAME)) is links


#: Lines of a Dockerfile, and whether they link the library.
DOCKER = {
    f"FROM x\nRUN {CC} -lpython3.11": True,
    f'FROM x\nSHELL ["/bin/bash", "-c"]\nRUN {CC} -lpython3.11': True,
    f'FROM x\nSHELL ["cmd", "/S", "/C"]\nRUN {CC} -lpython3.11': False,
    f'FROM x\nSHELL ["powershell"]\nRUN {CC} -lpython3.11': False,
    f"FROM mcr.microsoft.com/windows/servercore\nRUN {CC} -lpython3.11": False,
    f"ARG L=-lpython3.11\nFROM x\nARG L\nRUN {CC} $L": True,
    f"ARG L=-lpython3.11\nFROM x\nRUN {CC} $L": False,
    f"FROM x\nARG L=-lpython3.11\nRUN {CC} $L": True,
    f"FROM x\nENV L -lpython3.11\nRUN {CC} $L": True,
    f"FROM x\nENV A=1 L=-lpython3.11\nRUN {CC} $L": True,
    f"FROM x AS a\nENV L=-lpython3.11\nFROM a\nRUN {CC} $L": True,
    f"FROM x AS a\nENV L=-lpython3.11\nFROM x\nRUN {CC} $L": False,
    f"FROM x\nRUN {CC} \\\n  # why\n  -lz \\\n\n  -lpython3.11": True,
}


@pytest.mark.parametrize(("lines", "links"), DOCKER.items(), ids=DOCKER)
def test_a_dockerfile_is_built_stage_by_stage(lines: str, links: bool) -> None:
    assert [code for code, _ in reported(f"{lines}\n", "Dockerfile")] == ["NLP201"] * links


#: Commands that build a package, and whether the flags are its extension modules'.
PACKAGES = {
    "python setup.py build_ext --libraries=python3.11": True,
    "python setup.py build_ext --libraries python3.11": True,
    "python3.12 setup.py build_ext -i -lpython3.11": True,
    "python setup.py build_ext --libraries=z --library-dirs=/usr/lib/python3.11": False,
    "python setup.py install -lpython3.11": False,
    "LDFLAGS=-lpython3.11 python setup.py bdist_wheel": True,
    "LDFLAGS=-lpython3.11 pip install .": True,
    "LDFLAGS=-lpython3.11 uv pip install .": True,
    "LDFLAGS=-lpython3.11 uv sync": False,
    "LDFLAGS=-lpython3.11 python3 -m pip wheel .": True,
    "LDFLAGS=-lpython3.11 python3 -m build": True,
    "LDFLAGS=-lpython3.11 python3 -m other": False,
    "LDFLAGS=-lpython3.11 pipx install x": True,
    "LDFLAGS=-lpython3.11 pipx run x": False,
    "LDFLAGS=-lpython3.11 pip install uwsgi": False,
    "LDFLAGS=-lpython3.11 pip download x": False,
    "export LDFLAGS=-lpython3.11\npip install .": True,
    "LDFLAGS=-lpython3.11\npip install .": False,  # not exported
    "LIBRARY=-lpython3.11 pip install .": False,
    "LDFLAGS=-lpython3.11 uv build": True,
    "LDFLAGS=-lpython3.11 poetry build": True,
    "LDFLAGS=-lpython3.11 poetry run python -m build": True,
    "LDFLAGS=-lpython3.11 poetry install": False,  # most are installed from wheels
    "LDFLAGS=-lpython3.11 poetry run pytest": False,
    "LDFLAGS=-lpython3.11 hatch build": True,
    "LDFLAGS=-lpython3.11 pdm build": True,
    "LDFLAGS=-lpython3.11 install -m 755 pip /usr/bin": False,
    "RUSTFLAGS='-C link-arg=-lpython3.11' maturin build": True,
    "RUSTFLAGS=-Clink-args=-lpython3.11 pip install .": True,
    "RUSTFLAGS='-l python3.11' maturin develop": True,
    "RUSTFLAGS='-C link-arg=-lpython3.11' cargo build": False,
    "RUSTFLAGS='-C link-arg=-lpython311' maturin build": False,
    "CIBW_ENVIRONMENT='A=1 LDFLAGS=-lpython3.11' cibuildwheel": True,
    "CIBW_ENVIRONMENT_MACOS='LDFLAGS=\"-lm -lpython3.11\"' python -m cibuildwheel": True,
    "CIBW_ENVIRONMENT_WINDOWS='LDFLAGS=-lpython3.11' cibuildwheel": False,
    "CIBW_ENVIRONMENT='OTHER=-lpython3.11' cibuildwheel": False,
    "LDFLAGS=-lpython3.11 dh_auto_build --buildsystem=pybuild": True,
    "LDFLAGS=-lpython3.11 dh_auto_build --buildsystem=cmake": False,
    "export DEB_LDFLAGS_MAINT_APPEND=-lpython3.11\ndh build --buildsystem=pybuild": True,
    "export DEB_LDFLAGS_MAINT_APPEND=-lpython3.11\ndh build": False,
    "f2py -c -m spam spam.f90 -lpython3.10": True,
    "f2py3.11 -m spam -c spam.pyf spam.f -lpython3.10": True,
    "python3 -m numpy.f2py -c spam.pyf spam.f -lpython3.10": True,
    "$F2PY -c spam.pyf spam.f -lpython3.10": True,
    "f2py -h spam.pyf spam.f90 -lpython3.10": False,
    "$FC -c spam.f -lpython3.10": False,
}


@pytest.mark.parametrize(("line", "links"), PACKAGES.items(), ids=PACKAGES)
def test_a_package_is_built_with_the_flags_of_its_command(line: str, links: bool) -> None:
    assert [code for code, _ in reported(f"{line}\n", NAME)] == ["NLP201"] * links


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("env LD_PRELOAD=/usr/lib/libpython3.11.so python3 app.py", "/usr/lib/libpython3.11.so"),
        ("A=1 LD_PRELOAD=libpython3.11.so.1.0 python3 app.py", "libpython3.11.so.1.0"),
        ("LD_PRELOAD=libz.so:libpython3.11.so python3 app.py", "libpython3.11.so"),
        ("LD_PRELOAD=libz.so python3 app.py", ""),
        ("LD_LIBRARY_PATH=libpython3.11.so python3 app.py", ""),
    ],
)
def test_a_preload_into_python_is_marked(line: str, marked: str) -> None:
    assert reported(f"{line}\n", NAME) == ([("NLP201", marked)] if marked else [])


#: Words that a lexer could lose its way in; the library follows, or is among them.
WORDS = {
    r"-l\python3.11": True,
    r'"-l\python3.11"': False,  # which keeps the backslash
    '-l"python3.11"': True,
    "\\\n  -lpython3.11": True,
    '"`true`" -lpython3.11': True,
    '-l"python`cat version`"': True,
    '"a\\"b" -lpython3.11': True,
    "${L:-a\\}b} -lpython3.11": True,
    "${L:-`echo a`} -lpython3.11": True,
    "${L:-$X} -lpython3.11": True,
    "${L:-'a b'} -lpython3.11": True,
    '"${L:-it\'s}" -lpython3.11': True,
    "${!L} -lpython3.11": True,
    "${#L} -lpython3.11": True,
    "$((1 + (2 * 3))) -lpython3.11": True,
    "$(((1) + 2)) -lpython3.11": True,
    "$( (true); echo a ) -lpython3.11": True,
    "$((true); echo a) -lpython3.11": True,
    "$ -lpython3.11": True,
    "$? $1 $@ -lpython3.11": True,
    "@(a|b) -lpython3.11": True,
    "a?(b(c)) -lpython3.11": True,
    "2>&1 >/dev/null -lpython3.11": True,
    "# -lpython3.11": False,
    "a#b -lpython3.11": True,
}


@pytest.mark.parametrize(("words", "links"), WORDS.items(), ids=WORDS)
def test_every_word_of_a_command_is_read(words: str, links: bool) -> None:
    assert [code for code, _ in reported(f"{CC} {words}\n", NAME)] == ["NLP201"] * links


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ('"a', "a quoted string is not closed"),
        ("'a", "a quoted string is not closed"),
        ("`a", "a backquote is not closed"),
        ('"`a"', "a backquote is not closed"),
        ("${a", "is not closed"),
        ("$(a", "is not closed"),
        ("$(" * 300, "nested too deeply"),
    ],
)
def test_what_a_shell_refuses_is_one_line(words: str, reason: str) -> None:
    (finding,) = reported_messages(f"{CC} -lpython3.11 {words}\n")
    assert reason in finding


def reported_messages(text: str) -> list[str]:
    """Return the messages about a script that cannot be read."""
    return [one.message for one in found(text, NAME) if one.code == "NLP900"]


@pytest.mark.parametrize(
    ("before", "after"),
    {
        'RUSTFLAGS="-C link-arg=-lpython3.11" maturin build': 'RUSTFLAGS="" maturin build',
        "RUSTFLAGS='-C lto -Clink-arg=-lpython3.11 -C debuginfo=1' pip install .": (
            "RUSTFLAGS='-C lto -C debuginfo=1' pip install ."
        ),
        "RUSTFLAGS=-Clink-arg=-lpython3.11 pip install .": "RUSTFLAGS= pip install .",
        "RUSTFLAGS='--codegen link-arg=-lpython3.11' pip install .": "RUSTFLAGS='' pip install .",
        "RUSTFLAGS=--codegen=link-arg=-lpython3.11 pip install .": "RUSTFLAGS= pip install .",
        'RUSTFLAGS="-C lto -C \\\n  link-arg=-lpython3.11" maturin build': (
            'RUSTFLAGS="-C lto" maturin build'
        ),
        "RUSTFLAGS=-Clink-args=-lpython3.11 pip install .": "RUSTFLAGS=-Clink-args= pip install .",
    }.items(),
)
def test_rust_gets_no_empty_argument(before: str, after: str) -> None:
    assert fixed(f"{before}\n", NAME) == f"{after}\n"
