"""What shells complete, asked of the shells themselves, and the manual page."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from no_libpython_dlopen import cli, report, rules
from no_libpython_dlopen.__main__ import main

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "man" / "nolibpy.1"

#: The words of an unfinished command line, and some of what may come last.
ASKED = [
    (["nolibpy", "ch"], {"check"}),
    (["nolibpy", "ser"], {"server"}),
    (["nolibpy", "check", "--sel"], {"--select"}),
    (["nolibpy", "check", "--select", "NLP1"], {"NLP101", "NLP102", "NLP103"}),
    (["nolibpy", "fix", "--output-format", "s"], {"sarif"}),
    (["nolibpy", "explain", "libpython-b"], {"libpython-bundled"}),
    (["nolibpy", "check", "a"], {"a.py"}),
    (["nolibpy", "guard", "en"], {"enable"}),
]
BASH = """\
source "$1"; shift
word=("$@"); COMP_WORDS=("${word[@]}"); COMP_CWORD=$(( $# - 1 ))
function=$(complete -p nolibpy | sed 's/.* -F \\([^ ]*\\) .*/\\1/')
$function nolibpy "${word[-1]}" "${word[-2]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def script(shell: str, folder: Path) -> Path:
    pytest.importorskip("shtab", reason="the extra `completion` is not installed")
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"no {shell}")
    done = subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", "completion", shell],
        capture_output=True,
        text=True,
        check=True,
    )
    path = folder / f"completion.{shell}"
    path.write_text(done.stdout, encoding="utf-8")
    return path


def said(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize(("words", "expected"), ASKED, ids=[" ".join(words) for words, _ in ASKED])
def test_bash_completes(words: list[str], expected: set[str], tmp_path: Path) -> None:
    path = script("bash", tmp_path)
    (tmp_path / "a.py").touch()
    got = said("bash", "-c", BASH, "bash", path, *words, cwd=tmp_path)
    assert {word.rstrip() for word in got.splitlines()} == expected


@pytest.mark.parametrize(("words", "expected"), ASKED, ids=[" ".join(words) for words, _ in ASKED])
def test_fish_completes(words: list[str], expected: set[str], tmp_path: Path) -> None:
    path = script("fish", tmp_path)
    (tmp_path / "a.py").touch()
    ask = f"source {path}; complete -C '{' '.join(words)}'"
    got = said("fish", "--no-config", "-c", ask, cwd=tmp_path)
    assert {line.partition("\t")[0] for line in got.splitlines()} == expected


def test_zsh_takes_the_script(tmp_path: Path) -> None:
    path = script("zsh", tmp_path)
    path.rename(tmp_path / "_nolibpy")
    path = tmp_path / "_nolibpy"
    # As it is installed: in a folder of $fpath, which compinit looks through.
    load = (
        f"fpath=({tmp_path} $fpath); autoload -U compinit; compinit -u -D; print $_comps[nolibpy]"
    )
    assert said("zsh", "-f", "-c", load, cwd=tmp_path) == "_nolibpy\n"
    assert said("zsh", "-f", "-n", path, cwd=tmp_path) == ""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("#compdef nolibpy\n")
    for word in (*cli.command_names(), *rules.codes(), *report.formats(), "--unsafe-fixes"):
        assert word in text


#: Prints the line as it is edited, after Ctrl-X and p.
ZSH = """\
fpath=({folder} $fpath); autoload -U compinit; compinit -u -D
show() {{ print -r -- "<$BUFFER>"; BUFFER=; zle reset-prompt }}
zle -N show; bindkey '^Xp' show; unsetopt list_beep; PS1=; print ready
"""


def zsh_completes(line: str, folder: Path) -> str:
    """Return what an interactive zsh makes of a line that ends with the tabulator."""
    import pty  # not on Windows

    leader, terminal = pty.openpty()
    command = ["zsh", "-f", "-i"]
    environment = {**os.environ, "TERM": "dumb", "COLUMNS": "200"}
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, cwd=folder, env=environment
    ) as zsh:
        os.close(terminal)
        limit = threading.Timer(60, zsh.kill)  # the terminal then ends
        limit.start()
        seen = b""
        try:
            os.write(leader, ZSH.format(folder=folder).encode())
            while b"\nready" not in seen:
                seen += os.read(leader, 4096)
            os.write(leader, f"{line}\t\x18p".encode())
            while (found := re.search(rb"<(nolibpy [^<>\r\n]*)>", seen)) is None:
                seen += os.read(leader, 4096)
        finally:
            limit.cancel()
            zsh.kill()
            os.close(leader)
    return found[1].decode().rstrip()


@pytest.mark.parametrize(("words", "expected"), ASKED, ids=[" ".join(words) for words, _ in ASKED])
def test_zsh_completes(words: list[str], expected: set[str], tmp_path: Path) -> None:
    """Of several words it adds what they have in common."""
    script("zsh", tmp_path).rename(tmp_path / "_nolibpy")
    (tmp_path / "a.py").touch()
    common = os.path.commonprefix(sorted(expected))  # noqa: RUF071 - of words, not of paths
    assert zsh_completes(" ".join(words), tmp_path) == " ".join([*words[:-1], common])


def test_without_shtab_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['shtab'] = None;"
        "from no_libpython_dlopen.__main__ import main; sys.exit(main(['completion', 'bash']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "nolibpy: error: completion needs shtab: `pip install 'no-libpython-dlopen[completion]'`\n"
    )


def test_the_manual_page_is_fresh() -> None:
    made = runpy.run_path(str(ROOT / "man" / "make.py"))["page"]()
    assert PAGE.read_text(encoding="utf-8") == made, "run `python man/make.py`"


def test_the_manual_page_names_every_command_option_and_rule(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = PAGE.read_text(encoding="utf-8").replace("\\-", "-")
    for name in cli.command_names():
        assert f".SS nolibpy {name}\n" in text
        assert main([name, "--help"]) == 0
        for option in re.findall(r"^  .*?(--[a-z][a-z-]+)", capsys.readouterr().out, re.MULTILINE):
            assert option == "--help" or f"\\fB{option}\\fR" in text, option
    for rule in rules.rules():
        assert f"\\fB{rule.code} {rule.name}\\fR" in text


def test_man_shows_the_page_without_a_complaint() -> None:
    if shutil.which("groff"):
        done = subprocess.run(
            ["groff", "-man", "-ww", "-z", PAGE], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
    if shutil.which("mandoc"):
        done = subprocess.run(
            ["mandoc", "-Tlint", "-W", "warning", PAGE], capture_output=True, text=True, check=False
        )
        # There is no date in it, so that it changes only with what it tells.
        assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []
    if not shutil.which("man"):
        pytest.skip("no man")
    done = subprocess.run(["man", "-l", PAGE], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "find and fix code that loads" in " ".join(done.stdout.split())
