"""The checklists of CONTRIBUTING, carried out with a toy in a copy of the package.

``tests/buildsystems/test_add_a_language.py`` does so for a build language.
"""

from __future__ import annotations

import json
import re

import pytest

from tests.contributing.conftest import ROOT, Copy, shown

pytestmark = pytest.mark.slow

RULE = "rules/nlp104_libpython_debug.py"
FORMAT = "report/paths.py"
DEBUG = 'import ctypes\n\napi = ctypes.PyDLL("libpython3.11d.so")  # expect\napi.PyErr_Clear()\n'


def codes(copy: Copy, *options: str) -> list[str]:
    found = json.loads(copy.nolibpy("check", "--isolated", "--output-format=json", *options, "."))
    return [one["code"] for one in found]


def test_a_rule_is_added_by_its_file(copy: Copy) -> None:
    (copy.project / "debug.py").write_text(DEBUG)
    (copy.project / "release.py").write_text(DEBUG.replace("3.11d", "3.11"))
    assert codes(copy) == ["NLP101", "NLP101"]
    (copy.package / RULE).write_text(shown(RULE))
    assert codes(copy) == ["NLP101", "NLP104", "NLP101"]
    assert codes(copy, "--select=NLP104") == ["NLP104"]
    assert codes(copy, "--ignore=NLP104") == ["NLP101", "NLP101"]
    assert re.search(r"^NLP104  libpython-debug  ", copy.nolibpy("rules"), re.MULTILINE)
    assert copy.nolibpy("explain", "libpython-debug").startswith("# libpython-debug (NLP104)\n")
    (copy.project / "debug.py").write_text(DEBUG.replace("expect", "noqa: NLP101, NLP104"))
    assert codes(copy) == ["NLP101"]


def test_the_suite_runs_the_pages_of_a_new_rule(copy: Copy) -> None:
    def tested() -> tuple[int, str]:
        options = ("-n0", "-q", "-p", "no:cacheprovider", "-k", "NLP104")
        done = copy.run("-m", "pytest", *options, "tests/rules/test_pages.py", cwd=ROOT)
        return done.returncode, done.stdout

    (copy.package / RULE).write_text(shown(RULE))
    status, out = tested()
    assert status == 0, out
    # A page whose example is not reported, or that lacks a section, does not pass.
    (copy.package / RULE).write_text(shown(RULE).replace("libpython3.11d.so", "libpython3.11.so"))
    assert tested()[0] == 1
    (copy.package / RULE).write_text(shown(RULE).replace("## Fix safety", "## Safety"))
    assert tested()[0] == 1


def test_a_format_is_added_by_its_file(copy: Copy) -> None:
    (copy.project / "debug.py").write_text(DEBUG)
    (copy.project / "clean.py").write_text("import ctypes\n")
    (copy.package / FORMAT).write_text(shown(FORMAT))
    assert copy.nolibpy("check", "--isolated", "--output-format=paths", ".") == "debug.py\n"
    copy.nolibpy("check", "--isolated", "--output=paths=found.txt", "-q", ".")
    assert (copy.project / "found.txt").read_text() == "debug.py\n"
    assert "junit, paths, pylint" in copy.nolibpy("check", "--help")
    (copy.project / "pyproject.toml").write_text('[tool.nolibpy]\noutput-format = "paths"\n')
    assert copy.nolibpy("check") == "debug.py\n"


def test_the_checklists_name_files_that_exist() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:src|tests|docs|man)/[\w./]+)`", page))
    assert len(named) > 8
    assert [name for name in named if "NAME" not in name and not (ROOT / name).exists()] == []
