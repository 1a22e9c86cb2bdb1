"""Every command that the documentation shows is run, and prints what the page says.

To write what is printed into the pages: ``NOLIBPY_UPDATE_DOCS=1 pytest tests/docs``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Block, agrees, blocks, name_of, pages, steps

UPDATE = bool(os.environ.get("NOLIBPY_UPDATE_DOCS"))
SESSIONS = [page for page in pages() if "```console" in page.read_text(encoding="utf-8")]


def environment(folder: Path) -> dict[str, str]:
    """Return the variables of a plain terminal in which our commands are found first."""
    names = ("HOME", "LANG", "TMPDIR", "PYTHONDONTWRITEBYTECODE")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {
        **kept,
        "PATH": path,
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "PYTHONWARNINGS": "",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
    }


def printed(command: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment(folder.parent),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    return done.stdout.decode("utf-8", "replace").replace(str(folder), "/home/me/nolibpy")


def missing(block: Block) -> str:
    """Return what a block needs and this machine has not."""
    for need in block.needs:
        if need == "libpython3.11":
            import ctypes.util

            if not ctypes.util.find_library("python3.11"):
                return need
        elif not shutil.which(need):
            return need
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("page", SESSIONS, ids=name_of)
def test_what_a_page_shows_is_what_is_printed(page: Path, tmp_path: Path) -> None:
    # As in a clone: the sessions of a page follow each other in one copy of the examples.
    folder = tmp_path / "nolibpy"
    shutil.copytree(ROOT / "examples", folder / "examples")
    (tmp_path / "gitconfig").write_text("[user]\nname = Somebody\nemail = a@example.org\n")
    text = page.read_text(encoding="utf-8")
    wrong: list[str] = []
    left_out: list[str] = []
    new = text
    for block in blocks(text):
        if block.language != "console":
            continue
        need = missing(block)
        if need:
            left_out.append(f"line {block.line} needs {need}")
            continue
        session = ""
        good = True
        for step in steps(block.text):
            output = printed(step.command, folder)
            same = agrees(step.shown, output)
            if not same:
                wrong.append(f"{page}:{block.line}: $ {step.command}\n{output}")
            good &= same
            kept = step.shown if same else re.sub(r" +$", "", output, flags=re.MULTILINE)
            session += "$ " + step.command.replace("\n", "\n> ") + "\n" + kept
        if not good:
            indented = re.sub("^(?=.)", block.indent, session, flags=re.MULTILINE)
            new = new.replace(text[slice(*block.span)], indented)
    if UPDATE and new != text:
        page.write_text(new, encoding="utf-8")
    assert not wrong, "\n".join(wrong)
    if left_out:
        pytest.skip("; ".join(left_out))


@cache
def help_of(*command: str) -> str:
    """Return the help of a command, ``""`` where there is no such command."""
    done = subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", *command, "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else ""


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_option_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    shown = [block.text.replace("\\\n", " ") for block in blocks(text)]
    shown += re.findall(r"`(nolibpy [^`\n]+)`", text)
    for command in re.findall(r"\bnolibpy +([^|&;#\n`'\"]*)", "\n".join(shown)):
        words = command.split()
        if not words or not re.fullmatch("[a-z]+", words[0]):
            continue
        name = (words[0],)
        told = help_of(*name)
        assert told, f"{page.name}: nolibpy {command}"
        if words[0] == "survey" and len(words) > 1 and help_of("survey", words[1]) != told:
            told += help_of("survey", words[1])
        for option in re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", command):
            if words[0] == "run" and option not in told:
                continue  # an option of the program that is run
            assert option in told, f"{page.name}: nolibpy {command}"


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_a_page_of_the_repository_links_to_files_that_exist(page: Path) -> None:
    if page.is_relative_to(ROOT / "docs"):
        pytest.skip("the strict build of the site looks at these")
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
        assert (page.parent / target).exists(), f"{page}: {target}"
