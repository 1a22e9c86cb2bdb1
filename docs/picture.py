"""Draws `terminal.svg`, the picture of a first run: ``python docs/picture.py``.

The command is really run, with colours, and rich draws what it printed. The picture names
no font server, so that nothing is fetched by who looks at it. A test compares its text with
what the command prints today.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "terminal.svg"
COMMAND = ("check", "examples/gilwatch/src/gilwatch/lock.py")
_WIDTH = 100


def printed() -> str:
    """Return what the command of the picture prints in a terminal with colours."""
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    done = subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", *COMMAND],
        cwd=ROOT,
        env={**environment, "FORCE_COLOR": "1", "COLUMNS": str(_WIDTH)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def draw(output: str) -> str:
    """Return the picture as SVG."""
    console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), f"nolibpy {' '.join(COMMAND)}"))
    console.print(Text.from_ansi(output))
    picture = console.export_svg(title="nolibpy", theme=MONOKAI, unique_id="nolibpy")
    return re.sub(r"@font-face \{[^}]*\}\s*", "", picture)


if __name__ == "__main__":
    PICTURE.write_text(draw(printed()), encoding="utf-8")
