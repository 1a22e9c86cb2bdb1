"""Python programs inside shell scripts and Dockerfiles: found, with their places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from no_libpython_dlopen.buildsystems.shell.embedded_python import programs
from no_libpython_dlopen.model.kind import Kind
from tests.buildsystems.rewriting import fixed, reported

CODE = "import x; x(1)"
DOCKER = Kind.DOCKERFILE


def texts(text: str, kind: Kind = Kind.SHELL) -> list[str]:
    return [program.text for program in programs(text, kind)]


@pytest.mark.parametrize(
    "line",
    [
        f"python -c '{CODE}'",
        f'python3.13t -c "{CODE}"',
        f"/usr/bin/python3 -Ic '{CODE}' argument",
        f"exec env A=1 python3 -u -W error -X dev -c '{CODE}'; next",
        f"if uv run python -c '{CODE}'; then x; fi",
        f"VERSION=$(python3 -c '{CODE}')",
        f"VERSION=`python3 -c '{CODE}'`",
        f'"$PYTHON" -c "{CODE}"',
        f"${{PYTHON:-python3}} -c '{CODE}'",
        f"python \\\n  -c \\\n  '{CODE}'",
        "python -c 'import x'\"; x(1)\"",
        "python -c import\\ x\\;\\ x\\(1\\)",
        f"python3 <<< '{CODE}'",
        f"echo '#' && python -c '{CODE}'",
        f'"${{PYBIN}}/python" -c "{CODE}"',
        f'"$PYBIN"/python3 -c "{CODE}"',
        f'"/opt/python/cp310-cp310/bin/python" -I -c "{CODE}"',
        f"echo '{CODE}' | python3",
        f'echo -n "{CODE}" | sudo python3 -I - > log',
        f"printf '%s\\n' '{CODE}' \\\n  | \"$PYTHON\" -u",
        f"echo $(python -c '{CODE}')",
        f"echo start; python -c '{CODE}'",
        f"CODE='{CODE}'; python3 -c \"$CODE\"",
        f"export CODE='{CODE}'\nif x; then\n  python3 -I -c \"${{CODE}}\" argument\nfi",
    ],
)
def test_a_program_on_the_command_line_is_found(line: str) -> None:
    assert texts(f"a=1\n{line}\n") == [CODE]
    assert texts(f"RUN {line}\n", DOCKER) == [CODE]


@pytest.mark.parametrize(
    "line",
    [
        f"# python -c '{CODE}'",
        f"ls  # python -c '{CODE}'",
        f"python -m x -c '{CODE}'",
        f"python script.py -c '{CODE}'",
        f"bash -c '{CODE}'",
        f"mypython2js -c '{CODE}'",
        "python -c",
        "python -c '",
        'python -c "',
        "python",
        "echo python",
        "cat <<EOF\npython\nEOF",
        "cat <<EOF",
        "x=$((1 << 2))",
        f"python3 -c '' <<EOF\n{CODE}\n",
        f"python3 x.py <<EOF\n{CODE}\nEOF",
        f"echo python3 -c '{CODE}'",
        f"echo 'run python3 -c \"{CODE}\"'",
        f"printf '%s' python3 -c '{CODE}'",
        f": python3 -c '{CODE}'",
        f"cat <<EOF\n  python3 -c '{CODE}'\nEOF",
        f"cat >&2 <<-'EOF'\n\tpython3 -c '{CODE}'\n\tEOF",
        f"echo '{CODE}' | python3 script.py",
        f"echo '{CODE}' | python3 -m json.tool",
        f"echo '{CODE}' | grep python3",
        f"echo '{CODE}' || python3 -",
        f"echo '{CODE}' > log; python3 -",
        f"# echo '{CODE}' | python3",
    ],
)
def test_what_is_no_program_is_left(line: str) -> None:
    assert [text for text in texts(f"{line}\n") if text] == []


@pytest.mark.parametrize(
    "command",
    [
        "python3 <<EOF",
        "python3 - <<'EOF'",
        'python - a b <<"EOF" > out.txt',
        "cat <<EOF | python3 -I",
        "cat > x.py <<EOF",
        "cat <<EOF >> 'dir/x.py'",
        "tee -a x.py <<EOF",
        "$PY - <<\\EOF",
        "sudo -u x python3 -u <<-EOF && next",
    ],
)
def test_a_here_document_that_python_reads_is_found(command: str) -> None:
    assert texts(f"{command}\n{CODE}\nEOF\nrest\n") == [f"{CODE}\n"]


@pytest.mark.parametrize(
    "lines",
    [
        f"CODE='{CODE}'\nCODE=pass",
        f"CODE='{CODE}'\nCODE+=' more'",
        f"CODE+='{CODE}'",
        f"MYCODE='{CODE}'",
        f"# CODE='{CODE}'",
        "",
    ],
)
def test_a_variable_is_a_program_if_it_has_one_value(lines: str) -> None:
    assert texts(f'{lines}\npython3 -c "$CODE"\n') == ["$CODE"]
    assert texts(f"python3 -c \"$CODE\"\nCODE='{CODE}'\n") == ["$CODE"]
    assert texts(f"CODE='{CODE}'\npython3 -c '$CODE'\n") == ["$CODE"]


def test_what_the_shell_does_to_a_here_document_is_done() -> None:
    assert texts('python <<EOF\na = "\\$x\\\\n" \\\n + 1\nEOF\n') == ['a = "$x\\n"  + 1\n']
    assert texts("python <<'EOF'\na = \"\\$x\"\nEOF\n") == ['a = "\\$x"\n']
    assert texts("python <<-EOF\n\tif x:\n\t\ty\n\t\tEOF\n") == ["if x:\ny\n"]


def test_dockerfiles_have_forms_of_their_own() -> None:
    assert texts(f'CMD ["python3", "-u", "-c", "{CODE}"]\n', DOCKER) == [CODE]
    assert texts(f'CMD ["/usr/bin/python3", "x.py", "-c", "{CODE}"]\n', DOCKER) == []
    assert texts(f'# CMD ["python3", "-c", "{CODE}"]\n', DOCKER) == []
    assert texts(f"COPY <<EOF /app/x.py\n{CODE}\nEOF\n", DOCKER) == [f"{CODE}\n"]
    shebang = "#!/usr/bin/env python3\n"
    assert texts(f"RUN <<EOF\n{shebang}{CODE}\nEOF\n", DOCKER) == [f"{shebang}{CODE}\n"]
    assert texts(f"RUN <<EOF\n{CODE}\nEOF\n", DOCKER) == []


@given(st.text(alphabet="python -c'\"\\\n<EOF$;#[],x", max_size=60))
def test_each_character_knows_where_it_stands(text: str) -> None:
    for program in programs(text, DOCKER):
        assert len(program.origin) == len(program.text) + 1
        assert all(0 <= at <= len(text) for at in program.origin)
        assert list(program.origin) == sorted(program.origin)


LOAD = 'import ctypes; a = ctypes.CDLL("libpython3.11.so"); a.Py_GetVersion()'
QUOTED = LOAD.replace('"', "'")


@pytest.mark.parametrize(
    ("name", "text", "marked"),
    [
        ("a.sh", f"x=1\npython3 -c '{LOAD}'\n", 'ctypes.CDLL("libpython3.11.so")'),
        ("a.sh", f"python3 - <<EOF\n\n{LOAD}\nEOF\n", 'ctypes.CDLL("libpython3.11.so")'),
        ("Dockerfile", f"FROM x\nRUN python3 -c '{LOAD}'\n", 'ctypes.CDLL("libpython3.11.so")'),
        (
            "Dockerfile",
            f'FROM x\nRUN ["python3", "-c", "{QUOTED}"]\n',
            "ctypes.CDLL('libpython3.11.so')",
        ),
    ],
)
def test_a_load_in_a_program_is_marked_where_it_stands_and_left(
    name: str, text: str, marked: str
) -> None:
    assert reported(text, name) == [("NLP101", marked)]
    assert fixed(text, name) == text


LINE = f"python3 -c '{LOAD}'"
TOML = f"""'''python3 -c "{QUOTED}"'''"""
STEP = "jobs:\n  a:\n    runs-on: {}\n    steps:\n{}"
SCRIPT = "      - shell: {}\n        run: |\n          {}\n"
SPEC = "Name: x\n{}\n{} -c '" + LOAD + "'\n%files\n"
#: The files of other languages that hold commands: a name, its text, and whether it is reported.
FILES: list[tuple[str, str, bool]] = [
    (".github/workflows/a.yml", STEP.format("ubuntu-latest", f"      - run: {LINE}\n"), True),
    (".github/workflows/a.yml", STEP.format("windows-latest", f"      - run: {LINE}\n"), False),
    (".github/workflows/a.yml", STEP.format("x", f"      # - run: {LINE}\n"), False),
    (".github/workflows/a.yml", STEP.format("x", f"      - name: {LINE}\n"), False),
    (".github/workflows/a.yml", STEP.format("x", f"      - run: echo {LINE}\n"), False),
    (".github/workflows/a.yml", STEP.format("x", SCRIPT.format("bash", LINE)), True),
    (".github/workflows/a.yml", STEP.format("x", SCRIPT.format("pwsh", LINE)), False),
    (".github/workflows/a.yml", STEP.format("x", SCRIPT.format("python", LOAD)), True),
    (".github/workflows/a.yml", STEP.format("x", SCRIPT.format("'python3 {0}'", LOAD)), True),
    (".github/workflows/a.yml", STEP.format("x", SCRIPT.format("node", LOAD)), False),
    (".github/workflows/a.yml", STEP.format("windows-11", SCRIPT.format("python", LOAD)), False),
    (
        ".github/workflows/a.yml",
        STEP.format("x", "      - if: runner.os == 'Windows'\n" + SCRIPT.format("python", LOAD)),
        True,
    ),
    (
        ".github/workflows/a.yml",
        STEP.format("x", SCRIPT.format("python", LOAD) + "        if: runner.os == 'Windows'\n"),
        False,
    ),
    (
        ".github/workflows/a.yml",
        f"env:\n  CIBW_TEST_COMMAND: {LINE}\n  CIBW_TEST_COMMAND_WINDOWS: {LINE}\n",
        True,
    ),
    (".gitlab-ci.yml", f"test:\n  script:\n    - python3 - <<< '{LOAD}'\n", True),
    (".gitlab-ci.yml", f"test:\n  script: |\n    python3 - <<EOF\n    {LOAD}\n    EOF\n", True),
    (".gitlab-ci.yml", f"test:\n  script:\n    - python3 x.py '{LOAD}'\n", False),
    (
        ".circleci/config.yml",
        f"jobs:\n  a:\n    steps:\n      - run:\n          command: {LINE}\n",
        True,
    ),
    ("azure-pipelines.yml", f"steps:\n- script: {LINE}\n", True),
    ("recipe/meta.yaml", f"test:\n  commands:\n    - {LINE}\n", True),
    ("recipe/meta.yaml", f"test:\n  commands:\n    - {LINE}  # [win]\n", False),
    ("recipe/meta.yaml", f"about:\n  description: |\n    {LINE}\n", False),
    ("Makefile", f"test:\n\t@{LINE}\n", True),
    ("Makefile", f"PY ?= python3\ntest: ; $(PY) -c '{LOAD}'\n", True),
    ("Makefile", f"test:\n\t-${{PYTHON}} -Ic '{LOAD}'\n", True),
    ("Makefile", f"test:\n\tv=$$({LINE}) && echo $$v\n", True),
    ("Makefile", f"test:\n\tcd x && \\\n\t{LINE}\n", True),
    ("Makefile", f"test:\n\techo '{LOAD}' | $(PYTHON)\n", True),
    ("Makefile", f"ifneq ($(OS),Windows_NT)\ntest:\n\t{LINE}\nendif\n", True),
    ("Makefile", f"ifeq ($(OS),Windows_NT)\ntest:\n\t{LINE}\nendif\n", False),
    ("Makefile", f"test:\n\t@echo {LINE}\n", False),
    ("Makefile", f"test:\n\t# {LINE}\n# {LINE}\n", False),
    ("Makefile", f"NOTE = {LINE}\n", False),
    ("Makefile", f"test:\n\t$(CC) -c '{LOAD}'\n", False),
    ("Makefile", "test:\n\tpython3 -c '$(CODE) libpython3.11.so CDLL'\n", False),
    ("Makefile.am", f"if HAVE_PYTHON\ncheck-local:\n\t$(PYTHON) -c '{LOAD}'\nendif\n", True),
    ("Makefile.in", f"test:\n\t@PYTHON@ -c '{LOAD}'\n", True),
    ("debian/rules", f"#!/usr/bin/make -f\noverride_dh_auto_test:\n\t{LINE}\n", True),
    ("tox.ini", f"[testenv]\ncommands =\n    {{envpython}} -c '{LOAD}'\n", True),
    ("tox.ini", f"[testenv:x]\ncommands_pre = {LINE}\n", True),
    ("tox.ini", f"[testenv]\ndescription = {LINE}\n# {LINE}\n", False),
    ("tox.ini", f"[flake8]\ncommands = {LINE}\n", False),
    ("setup.cfg", f"[testenv]\ncommands = {LINE}\n", True),
    ("a.spec", SPEC.format("%build", "%{__python3}"), True),
    ("a.spec", SPEC.format("%check", "%{python3}"), True),
    ("a.spec", SPEC.format("%description", "python3"), False),
    ("a.spec", SPEC.format("%changelog", "python3"), False),
    ("pyproject.toml", f"[tool.cibuildwheel]\ntest-command = {TOML}\n", True),
    ("pyproject.toml", f"[tool.cibuildwheel.linux]\nbefore-test = ['x', {TOML}]\n", True),
    ("pyproject.toml", f"[tool.cibuildwheel.windows]\ntest-command = {TOML}\n", False),
    ("pyproject.toml", f"[tool.poe.tasks]\nx = {TOML}\ny.shell = 'x'\n", True),
    ("pyproject.toml", f"[project]\ndescription = {TOML}\n", False),
    ("pyproject.toml", f"[tool.cibuildwheel]\n# test-command = {TOML}\n", False),
]


@pytest.mark.parametrize(("name", "text", "is_reported"), FILES)
def test_commands_in_files_of_other_languages_are_read(
    name: str, text: str, is_reported: bool
) -> None:
    calls = (f"ctypes.CDLL({quote}libpython3.11.so{quote})" for quote in "'\"")
    call = next((each for each in calls if each in text), "")
    assert reported(text, name) == ([("NLP101", call)] if is_reported else [])
    assert fixed(text, name) == text


@pytest.mark.parametrize(
    "text",
    [
        f"# cat <<EOF\npython3 -c '{LOAD.replace('libpython3.11', 'libz')}'\n",
        f"# python3 - <<EOF\n# {LOAD}\n# EOF\n",
        f"python3 -c '{LOAD}('\n",  # Python refuses it, and runs nothing of it
        "python3 -c 'print(\"libpython3.11.so\")'\n",
    ],
)
def test_a_program_that_opens_nothing_is_silent(text: str) -> None:
    assert reported(text, "a.sh") == []
