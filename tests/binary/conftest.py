from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.binary.index_server import Index, serving
from tests.binary.index_wheels import Modules


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Modules:
    """Modules of every kind, built when they are asked for."""
    return Modules(tmp_path_factory.mktemp("modules"))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An index that serves the wheels in ``tmp_path / "served"``."""
    with serving(tmp_path / "served") as served:
        yield served
