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
