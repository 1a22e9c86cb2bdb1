from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.binary.index_server import Index, serving
from tests.binary.index_wheels import COPY, Modules, write_wheel


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Modules:
    """Modules of every kind, built when they are asked for."""
    return Modules(tmp_path_factory.mktemp("modules"))


#: What the thirty packages of ``population`` are.
KINDS = ("clean", "pure", "needing", "static", "copy", "indirect", "broken", "source", "windows")


def write_population(folder: Path, made: Modules) -> list[str]:
    """Write wheels of thirty packages of different kinds, and return their names."""
    library = "libpython3.12.so.1.0"
    names = []
    for number in range(30):
        kind = KINDS[number % len(KINDS)]
        name = f"{kind}-{number}"
        names.append(name)
        members = {
            "clean": {"p/_x.abi3.so": made.clean()},
            "pure": {"p/__init__.py": b""},
            "needing": {"p/_x.abi3.so": made.needing(library)},
            "static": {"p/_x.abi3.so": made.static()},
            "copy": {"p/_x.abi3.so": made.needing(COPY), f"p.libs/{COPY}": made.copy()},
            "indirect": {
                "p/_x.abi3.so": made.needing("libmid.so.1"),
                "p.libs/libmid.so.1": made.library("libmid.so.1", library),
            },
            "windows": {"p/_x.pyd": b"MZ"},
        }
        if kind == "source":
            (folder / f"{name.replace('-', '_')}-1.0.tar.gz").write_bytes(b"")
            continue
        tags = "cp312-cp312-win_amd64" if kind == "windows" else "cp312-cp312-linux_x86_64"
        path = write_wheel(folder, name, members.get(kind, {}), tags=tags)
        if kind == "broken":
            path.write_bytes(b"no wheel")
    return names


@pytest.fixture(scope="session")
def population(
    tmp_path_factory: pytest.TempPathFactory, modules: Modules
) -> Iterator[tuple[Index, list[str]]]:
    """An index of thirty packages of different kinds, and their names."""
    with serving(tmp_path_factory.mktemp("population")) as index:
        yield index, write_population(index.folder, modules)
