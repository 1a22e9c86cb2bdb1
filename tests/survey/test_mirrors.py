"""A survey of an index that is not the one pip is configured to use, over few connections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from no_libpython_dlopen.package_index.pip_settings import Settings
from no_libpython_dlopen.survey import worker
from no_libpython_dlopen.survey.inputs import items_of
from no_libpython_dlopen.survey.models import Item, Outcome, Plan, Status
from no_libpython_dlopen.survey.store import Store
from tests.binary.index_server import Index, serving
from tests.binary.index_wheels import write_wheel

#: Nothing is there: who asks it is refused at once.
ELSEWHERE = Settings(indexes=("http://127.0.0.1:9/simple",), retries=0)
NAMES = ("spam", "Ham.x", "eggs")


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Index]:
    with serving(tmp_path / "served") as index:
        for name in NAMES:
            write_wheel(index.folder, name, {"p/a.py": b"x = 1\n"})
        yield index


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """No connections of an earlier test."""
    yield
    if client := vars(worker._thread).pop("client", None):
        client.close()


def surveyed(store: Path, inputs: list[str], settings: Settings) -> dict[str, Outcome]:
    """Return what comes of the inputs, by way of a store as in the command."""
    with Store(str(store)) as opened:
        opened.add(items_of(inputs, settings))
    with Store(str(store), create=False) as opened:
        return {item.name: worker.examine(item, Plan(settings)) for item in opened.pending_items()}


#: The form of the pages, what stands before each path, and the end of the page's address.
MIRRORS = [
    *[(form, prefix, "/") for form in ("html", "json") for prefix in ("", "/repository/pypi-all")],
    *[("html", "/root", end) for end in ("", "/index.html", "/#names")],
]


@pytest.mark.parametrize(("form", "prefix", "end"), MIRRORS)
def test_the_projects_that_a_mirror_names_are_looked_up_there(
    mirror: Index, tmp_path: Path, form: str, prefix: str, end: str
) -> None:
    mirror.form, mirror.prefix = form, prefix
    mirror.redirects["/simple/index.html"] = f"http://{mirror.host}{prefix}/simple/"
    mirror.redirects["/simple"] = f"http://{mirror.host}{prefix}/simple/"
    page = f"http://{mirror.host}{prefix}/simple{end}"
    found = surveyed(tmp_path / "s.sqlite", [page], ELSEWHERE)
    assert {name: one.reason for name, one in found.items()} == {
        "eggs": "",
        "ham-x": "",
        "spam": "",
    }
    assert all(one.status is Status.EXAMINED for one in found.values())


def test_a_mirror_on_disk_is_read_where_it_is(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path / "files", "spam", {"p/a.py": b""})
    simple = tmp_path / "simple"
    (simple / "spam").mkdir(parents=True)
    (simple / "index.html").write_text('<a href="spam/">spam</a>')
    (simple / "spam/index.html").write_text(f'<a href="../../files/{wheel.name}">x</a>')
    place = simple.as_uri() + "/"
    found = surveyed(tmp_path / "s.sqlite", [place], ELSEWHERE)
    assert found["spam"].status is Status.EXAMINED
    # A page that was saved says only what the packages are called.
    saved = surveyed(tmp_path / "t.sqlite", [str(simple / "index.html")], ELSEWHERE)
    assert "cannot be reached" in saved["spam"].reason


def test_names_beside_a_mirror_are_those_of_the_configured_index(
    mirror: Index, tmp_path: Path
) -> None:
    settings = Settings(indexes=(mirror.simple,), retries=0)
    place = (tmp_path / "empty").as_uri() + "/"
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/index.html").write_text('<a href="eggs/">eggs</a>')
    found = surveyed(tmp_path / "s.sqlite", ["spam", place], settings)
    assert found["spam"].status is Status.EXAMINED
    assert found["eggs"].reason == "no such package on the index"


def test_a_process_keeps_its_connections(mirror: Index) -> None:
    mirror.headers["Set-Cookie"] = "id=1"
    plan = Plan(Settings(indexes=(mirror.simple,)))
    for name in NAMES * 3:
        assert worker.examine(Item(name, name), plan).status is Status.EXAMINED
    assert len(mirror.seen) == 18
    assert mirror.connections == 1
    client = worker._client(plan.settings)
    assert len(client._session.cookies) == 0
    other = Plan(Settings(indexes=(mirror.simple,), timeout=3))
    worker.examine(Item("spam", "spam"), other)
    assert mirror.connections == 2
