"""Takes a picture of each page of the built site, as wide as a desktop and as a telephone.

``python -m tests.docs.screenshots SITE TARGET`` needs playwright and a Chromium of the system;
that no link is broken and no page too wide is what ``tests/docs/test_site.py`` tests.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.docs.test_site import CHROMIUM, WIDTHS, served


def take(site: Path, target: Path) -> None:
    """Write ``TARGET/WIDTH/PAGE.png`` for each page."""
    shutil.rmtree(target, ignore_errors=True)
    with served(site) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width in WIDTHS:
            (target / str(width)).mkdir(parents=True)
            page = browser.new_page(viewport={"width": width, "height": 900})
            for path in sorted(site.rglob("index.html")):
                name = str(path.parent.relative_to(site))
                page.goto(f"{address}{name}/")
                shown = "start" if name == "." else name.replace("/", "-")
                page.screenshot(path=target / str(width) / f"{shown}.png", full_page=True)
        browser.close()
    print(f"{len(list(target.rglob('*.png')))} pictures in {target}")


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
