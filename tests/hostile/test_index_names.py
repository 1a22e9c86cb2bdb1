"""What an index says of its files, made to stall a survey or to damage what it has found."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from no_libpython_dlopen.package_index import simple_api
from no_libpython_dlopen.package_index.http_client import Client, IndexUnavailable
from no_libpython_dlopen.package_index.pip_settings import Settings
from no_libpython_dlopen.survey.models import Item, Plan, Status
from no_libpython_dlopen.survey.store import Store
from no_libpython_dlopen.survey.worker import examine
from tests.binary.index_server import Index, serving
from tests.binary.index_wheels import write_wheel

JSON = "application/vnd.pypi.simple.v1+json"
SPAM = "spam-1.0-cp312-cp312-linux_x86_64.whl"
ITEM = Item("spam", "spam")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with serving(tmp_path / "served") as served:
        write_wheel(served.folder, "spam", {"p/a.py": b"x = 1\n"}, tags="cp312-cp312-linux_x86_64")
        yield served


def recorded(tmp_path: Path, index: Index) -> tuple[Status, str, int]:
    """Return what a survey records of the package, as it is read when the survey is resumed."""
    outcome = examine(ITEM, Plan(Settings(indexes=(index.simple,), retries=0)))
    with Store(str(tmp_path / "s.sqlite")) as store:
        store.add([ITEM])
        store.write(ITEM, outcome)
    with Store(str(tmp_path / "s.sqlite"), create=False) as store:
        ((size,),) = store.rows("SELECT coalesce(max(size), 0) FROM wheel")
    return outcome.status, outcome.reason, size


@pytest.mark.parametrize("size", [10**30, 1 << 60, -1, True, 1e300, "7", None])
def test_a_size_that_no_file_has_is_not_believed(
    tmp_path: Path, index: Index, size: object
) -> None:
    data = {"meta": {"api-version": "1.1"}, "files": [{"url": f"../../files/{SPAM}", "size": size}]}
    index.bodies["/simple/spam/"] = (JSON, json.dumps(data).encode())
    status, _, kept = recorded(tmp_path, index)
    assert status is Status.EXAMINED
    assert kept == (index.folder / SPAM).stat().st_size


def product(count: int) -> str:
    """Return the name of a wheel with so many tags, cubed."""
    return "-".join(".".join(f"{kind}{n}" for n in range(count)) for kind in ("py", "a", "linux_"))


#: Names of files that no file system and no index has.
NAMES = {
    "many tags": f"spam-1.0-{product(300)}.whl",
    "many tags in few letters": f"spam-1.0-{'.'.join('abcdefghijklmnopqrstuvw' * 2)}-"
    f"{'.'.join('abcdefghijklmnopqrstuvw' * 2)}-any.whl",
    "one tag over and over": f"spam-1.0-{'py3.' * 20_000}py3-none-any.whl",
    "a version without end": f"spam-{'9' * 5000}-py3-none-any.whl",
    "a version of many parts": f"spam-1.{'0.' * 100_000}1.tar.gz",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_name_that_no_file_has_is_passed_over(tmp_path: Path, index: Index, name: str) -> None:
    page = f'<a href="../../files/{name}">x</a><a href="../../files/{SPAM}">x</a>'
    index.bodies["/simple/spam/"] = ("text/html", page.encode())
    started = time.monotonic()
    assert recorded(tmp_path, index)[:2] == (Status.EXAMINED, "")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("tags", ["py2.py3-none-any", "cp39.cp310.cp311-abi3-" + product(6)[-53:]])
def test_the_names_that_people_use_are_read(tags: str) -> None:
    assert simple_api.file_at(f"https://example.org/spam-1.0-{tags}.whl") is not None


@pytest.mark.parametrize("folder", ["%00", "%ff", "%ED%A0%80", "a%0Ab"])
def test_a_path_that_no_system_takes_is_one_line(tmp_path: Path, folder: str) -> None:
    page = tmp_path / "links.html"
    page.write_text(f'<a href="{folder}/{SPAM}">x</a>')
    settings = Settings(indexes=(), find_links=(str(page),))
    outcome = examine(ITEM, Plan(settings))
    assert outcome.status is Status.FAILED
    assert outcome.reason.startswith("cannot be read: ")
    with Store(str(tmp_path / "s.sqlite")) as store:
        store.add([ITEM])
        store.write(ITEM, outcome)


@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "file://localhost/etc/passwd", "data:text/html,x", "//[x/"]
)
def test_a_page_of_an_index_leads_to_no_file_of_this_machine(
    tmp_path: Path, index: Index, address: str
) -> None:
    index.redirects["/simple/ham/"] = address
    index.bodies["/simple/spam/"] = ("text/html", f'<a href="{address}/{SPAM}">x</a>'.encode())
    with Client(Settings(indexes=(index.simple,), retries=0)) as client:
        with pytest.raises(IndexUnavailable):
            simple_api.files_of("ham", client.settings, client)
        with pytest.raises(IndexUnavailable):
            simple_api.files_of("spam", client.settings, client)
    assert recorded(tmp_path, index)[0] is Status.FAILED
