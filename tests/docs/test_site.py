"""The site: it builds strictly, has a page for every rule, and no link leads nowhere."""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest

from no_libpython_dlopen import config, report, rules
from no_libpython_dlopen.rule import DOCUMENTATION
from tests.docs.pages import ROOT

pytest.importorskip("mkdocs")
pytest.importorskip("material")
yaml = pytest.importorskip("yaml", reason="comes with mkdocs")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


class _Page(HTMLParser):
    """Collects what a page links to and what may be linked to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.anchors.add(given["id"] or "")
        target = given.get("href") or given.get("src")
        if target:
            self.links.append(target)


def test_no_link_of_the_site_leads_nowhere(site: Path) -> None:
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    assert len(pages) > 25
    broken = []
    for path, page in pages.items():
        if path.name == "404.html":
            continue
        base = f"http://site/{path.relative_to(site)}"
        for link in page.links:
            address, anchor = urldefrag(urljoin(base, link))
            if not address.startswith("http://site/"):
                continue
            target = site / unquote(address.removeprefix("http://site/"))
            target = target / "index.html" if target.is_dir() else target
            known = pages[target].anchors if target in pages else set()
            if not target.exists() or (anchor and anchor not in known):
                broken.append(f"{path.relative_to(site)}: {link}")
    assert not broken


def test_every_rule_has_its_page_where_its_address_says(site: Path) -> None:
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    for rule in rules.rules():
        assert settings["site_url"] + "rules/" == DOCUMENTATION
        page = site / rule.url().removeprefix(settings["site_url"]) / "index.html"
        text = page.read_text(encoding="utf-8")
        assert rule.code in text
        assert f'href="../{rule.name}/"' in (site / "rules" / "index.html").read_text() or (
            f'href="{rule.name}/"' in (site / "rules" / "index.html").read_text()
        )


def first_column(page: str) -> list[str]:
    """Return the code words in the first columns of a page's tables."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        word
        for cell in re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
        for word in re.findall(r"`([^`]+)`", cell)
    ]


def test_the_page_on_configuration_has_every_key() -> None:
    assert first_column("docs/configuration.md") == list(config.KEYS)


def test_the_page_on_formats_has_every_format() -> None:
    assert sorted(first_column("docs/formats.md")) == report.formats()


def test_the_page_on_integrations_has_every_hook() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert sorted(first_column("docs/integrations.md")) == sorted(hook["id"] for hook in hooks)


def test_the_page_on_ci_has_every_input_of_the_action() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert first_column("docs/ci.md") == list(action["inputs"])


def test_the_readme_has_every_rule() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for rule in rules.rules():
        assert f"| {rule.code} | `{rule.name}` | {rule.summary()} | {rule.fixable} |" in text


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The address of a server that serves the site."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.skipif(not CHROMIUM, reason="no chromium")
@pytest.mark.parametrize("page", ["", "why/", "rules/libpython-load/", "fixes/"])
def test_a_browser_shows_the_page_and_reports_no_error(
    page: str, address: str, tmp_path: Path
) -> None:
    assert CHROMIUM
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    options = [f"--user-data-dir={tmp_path}", "--virtual-time-budget=3000", "--dump-dom"]
    done = subprocess.run(
        [*command, *options, address + page],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    heading = re.search(r"<h1[^>]*>\s*([^<]+)", done.stdout)
    assert heading, done.stderr
    assert "404" not in heading[1]
    assert 'class="md-nav' in done.stdout
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert not [line for line in said if "error" in line.lower() or "404" in line]
