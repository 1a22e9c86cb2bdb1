"""Each rule's page: complete, in order, and true of what the command says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen import rules
from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.rule import Rule

SECTIONS = [
    "What it does",
    "Why is this bad?",
    "Example",
    "Use instead",
    "Fix safety",
    "References",
]
#: What a fenced block of a language would be called in a project.
FILE_NAMES = {
    "python": "example.py",
    "cmake": "CMakeLists.txt",
    "meson": "meson.build",
    "make": "Makefile",
    "makefile": "Makefile",
    "toml": "pyproject.toml",
    "ini": "setup.cfg",
    "cython": "example.pyx",
    "dockerfile": "Dockerfile",
}
RULES = rules.rules()
every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])


def sections(rule: Rule) -> dict[str, str]:
    """Return the text under each heading, in order."""
    parts = re.split(r"^## (.+)\n", rule.page(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def block(rule: Rule, section: str) -> tuple[str, str]:
    """Return the language and the text of a section's first fenced block."""
    found = re.search(r"^```(\w+)\n(.*?)^```$", sections(rule)[section], re.DOTALL | re.MULTILINE)
    assert found, f"{rule.code}: no fenced block with a language under {section}"
    return found[1], found[2]


def reported(rule: Rule, section: str, folder: Path) -> set[str]:
    """Return the codes that are reported of a section's block."""
    language, text = block(rule, section)
    if language == "shell":
        return built_and_reported(text, folder)
    name = FILE_NAMES[language]
    if language == "python" and rule.code.startswith("NLP2"):
        name = "setup.py"
    return {finding.code for finding in api.check_bytes(text.encode(), name)}


def built_and_reported(script: str, folder: Path) -> set[str]:
    if not shutil.which("gcc"):
        pytest.skip("no gcc")
    script = script.replace("nolibpy ", f"{sys.executable} -m no_libpython_dlopen ")
    script = script.replace("\npython ", f"\n{sys.executable} ")
    done = subprocess.run(
        ["sh", "-c", f"set -e\n{script}"], cwd=folder, capture_output=True, text=True, check=False
    )
    codes = set(re.findall(r"\bNLP\d{3}\b", done.stdout))
    assert done.returncode == (1 if codes else 0), done.stdout + done.stderr
    return codes


@every_rule
def test_a_page_has_its_sections_in_order(rule: Rule) -> None:
    assert list(sections(rule)) == SECTIONS
    assert all(text.strip() for text in sections(rule).values())


@every_rule
def test_a_page_starts_with_one_sentence(rule: Rule) -> None:
    first, second = rule.page().split("\n")[:2]
    assert first.endswith(".")
    assert second == ""


@every_rule
def test_the_file_of_a_rule_is_named_for_it(rule: Rule) -> None:
    module = type(rule).__module__.rpartition(".")[2]
    assert module == f"{rule.code.lower()}_{rule.name.replace('-', '_')}"


@every_rule
def test_the_example_is_reported(rule: Rule, tmp_path: Path) -> None:
    codes = reported(rule, "Example", tmp_path)
    if rule.code.startswith("NLP4"):  # seen when it runs; what is read beforehand has other codes
        assert codes
    else:
        assert rule.code in codes


@every_rule
def test_what_to_use_instead_is_clean(rule: Rule, tmp_path: Path) -> None:
    assert reported(rule, "Use instead", tmp_path) == set()


@every_rule
def test_a_rule_with_fixes_for_text_repairs_its_example(rule: Rule) -> None:
    language, text = block(rule, "Example")
    if rule.fixable == "none" or language == "shell":
        pytest.skip("no fix of a text")
    name = "setup.py" if rule.code.startswith("NLP2") and language == "python" else None
    result = api.fix_bytes(text.encode(), name or FILE_NAMES[language], unsafe=True)
    assert rule.code in {finding.code for finding in result.applied}
    assert rule.code not in {finding.code for finding in result.findings}


@every_rule
def test_a_link_to_another_rule_leads_to_its_page_from_everywhere(rule: Rule) -> None:
    urls = {other.url(): other.code for other in RULES}
    for text, target in re.findall(r"\[(NLP\d+)\]\(([^)]+)\)", rule.page()):
        assert urls.get(target) == text
