"""A project with a finding in each of three directories."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.texts import LINK


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    for folder in ("src", "vendor", "src/vendor"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "setup.cfg").write_text(LINK)
    monkeypatch.chdir(tmp_path)
    return tmp_path
