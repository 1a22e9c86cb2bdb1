"""The site: it builds strictly, has a page for every rule, and no link leads nowhere."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import queue
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin

import pytest

from no_libpython_dlopen import config, report, rules
from no_libpython_dlopen.model.rule import DOCUMENTATION
from tests.docs.pages import ROOT, blocks

pytest.importorskip("mkdocs")
pytest.importorskip("material")
yaml = pytest.importorskip("yaml", reason="comes with mkdocs")
markdown = pytest.importorskip("markdown", reason="comes with mkdocs")

pytestmark = pytest.mark.slow

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


def test_no_page_asks_another_site_for_a_script(site: Path) -> None:
    # The theme would fetch a diagram's script; code hosts draw the page's source themselves.
    for page in site.rglob("*.html"):
        assert 'class="mermaid"' not in page.read_text(encoding="utf-8")


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


def test_what_is_shown_for_an_editor_can_be_read_by_it() -> None:
    page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    settings = {}
    for block in blocks(page):
        if block.language == "json":
            settings = json.loads(block.text)
        if block.language == "toml":
            tomllib = pytest.importorskip("tomllib", reason="from Python 3.11 on")
            helix = tomllib.loads(block.text)
            assert helix["language-server"]["nolibpy"]["args"] == ["server"]
    assert settings["nolibpy.command"][-2:] == ["nolibpy", "server"]
    for editor in ("VS Code", "Neovim", "Helix", "PyCharm", "Emacs"):
        assert f"\n## {editor}\n" in page


#: Of a desktop's window and a telephone's, in pixels; as in walk.html.
WIDTHS = (1280, 390)
#: A page of HTML in which a browser follows all links by itself.
WALK = Path(__file__).with_name("walk.html")


class Served(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, the page that walks through it, and Markdown as HTML."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def translate_path(self, path: str) -> str:
        return str(WALK) if path.startswith("/walk.html") else super().translate_path(path)

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.suffix != ".md" or not path.is_file():
            super().do_GET()
            return
        text = path.read_text(encoding="utf-8")
        page = markdown.markdown(text, extensions=["tables", "fenced_code", "toc", "md_in_html"])
        data = page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[str, queue.Queue[Any]]]:
    """Serve a folder; gives its address, and where what a walk told comes in."""
    told: queue.Queue[Any] = queue.Queue()

    class Telling(Served):
        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

    handler = functools.partial(Telling, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", told
        finally:
            server.shutdown()
            thread.join()


def walked(folder: Path, start: str, follow: str, profile: Path) -> dict[str, Any]:
    """Have a browser walk through the pages of a folder; return what it found."""
    if not CHROMIUM:
        pytest.skip("no chromium")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    options += ["--no-first-run", f"--user-data-dir={profile}"]
    log = profile.with_name(f"{profile.name}.log")
    with served(folder) as (address, told), log.open("wb") as errors:
        query = f"walk.html?start={quote(start, safe='')}&follow={quote(follow, safe='')}"
        command = [CHROMIUM, *options, address + query]
        with subprocess.Popen(command, stderr=errors, stdin=subprocess.DEVNULL) as browser:
            try:
                found: dict[str, Any] = told.get(timeout=240)
            except queue.Empty:
                pytest.fail(log.read_text(errors="replace"))
            finally:
                browser.kill()
    said = [line for line in log.read_text(errors="replace").splitlines() if "CONSOLE" in line]
    # What the walk asks for in vain is told by itself.
    assert not [line for line in said if "rror" in line and "Failed to load resource" not in line]
    found["pages"] = {page.removeprefix(address): about for page, about in found["pages"].items()}
    return found


def test_a_browser_walks_through_the_site(site: Path, tmp_path: Path) -> None:
    found = walked(site, "/", r"/$", tmp_path)
    assert found["broken"] == []
    expected = {
        f"{path.parent.relative_to(site)}/".removeprefix("./") for path in site.rglob("index.html")
    }
    assert {page or "/" for page in found["pages"]} == {page or "/" for page in expected}
    assert all(about["heading"] for about in found["pages"].values())
    assert [(page, about["wide"]) for page, about in found["pages"].items() if about["wide"]] == []


def test_a_browser_walks_through_the_readme(tmp_path: Path) -> None:
    found = walked(ROOT, "/README.md", r"/(README|[A-Z]+)\.md$", tmp_path)
    assert found["broken"] == []
    assert {"README.md", "examples/README.md", "CONTRIBUTING.md"} <= set(found["pages"])


def test_a_browser_sees_what_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n[b](b.md) [c](c.md) [a](a.md#b) [b](b.md#b)\n")
    (tmp_path / "b.md").write_text(f"# B\n![](d.png)\n{'w' * 80}\n")
    found = walked(tmp_path, "/a.md", r"\.md$", tmp_path / "profile")
    assert sorted(re.findall(r"/(\w+\.\w+#?\w*)$", text)[0] for text in found["broken"]) == [
        *("a.md#b", "c.md", "d.png")
    ]
    (wide,) = found["pages"]["b.md"]["wide"]
    assert wide.startswith("390: ")
    assert found["pages"]["a.md"]["wide"] == []
