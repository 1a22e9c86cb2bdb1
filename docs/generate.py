"""Generates the pages of the site whose source is elsewhere.

A rule's page is its docstring, so the site and ``explain`` agree. The pages at the top of
the repository are copied, with links relative to the site.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from no_libpython_dlopen import rules
from no_libpython_dlopen.model.rule import Rule

ROOT = Path(__file__).parent.parent
FROM_THE_TOP = {
    "contributing.md": "CONTRIBUTING.md",
    "security.md": "SECURITY.md",
    "changelog.md": "CHANGELOG.md",
}
FIXES = {"always": "always", "sometimes": "sometimes, see below", "none": "none"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the rules' pages in the navigation."""
    pages: list[Any] = ["rules/index.md"]
    pages += [{f"{rule.code} {rule.name}": path(rule)} for rule in rules.rules()]
    assert config.nav is not None
    for entry in config.nav:
        if isinstance(entry, dict) and "Rules" in entry:
            entry["Rules"] = pages
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are not in ``docs``."""
    for rule in rules.rules():
        files.append(File.generated(config, path(rule), content=page(rule)))
    files.append(File.generated(config, "rules/index.md", content=table()))
    for name, source in FROM_THE_TOP.items():
        text = (ROOT / source).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Leave out diagrams, for which the theme would load a script from another site.

    Code hosts draw them; the text after each says the same.
    """
    return re.sub(r"^```mermaid\n.*?^```\n", "", markdown, flags=re.DOTALL | re.MULTILINE)


def path(rule: Rule) -> str:
    """Return where a rule's page lies."""
    return f"rules/{rule.name}.md"


def page(rule: Rule) -> str:
    """Return a rule's page with its heading."""
    return f"# {rule.name} ({rule.code})\n\nFix: {FIXES[rule.fixable]}.\n\n{inspect.cleandoc(rule.__doc__ or '')}\n"


def table() -> str:
    """Return the page that lists all rules."""
    lines = [
        "# Rules",
        "",
        "Codes are public and never change their meaning. `nolibpy explain CODE` prints",
        "the same pages without a network.",
        "",
        "| code | name | what | fix |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| [{rule.code}]({rule.name}.md) | `{rule.name}` | {rule.summary()} | {rule.fixable} |"
        for rule in rules.rules()
    ]
    lines += [
        "",
        "NLP1 are loads in Python code, NLP2 links in build files, NLP3 built binaries,",
        "NLP4 what was seen in a running program, NLP9 the check itself.",
    ]
    return "\n".join(lines) + "\n"
