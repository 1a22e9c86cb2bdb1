"""What reading a wheel on a server costs: each byte once, however the server behaves."""

from __future__ import annotations

import gzip
import itertools
import random
import re
import tarfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from no_libpython_dlopen.binary.archives import reading, seekable_stream
from no_libpython_dlopen.model.facts import Needed, Unread
from no_libpython_dlopen.package_index import range_file
from no_libpython_dlopen.package_index import reader as index_module
from no_libpython_dlopen.package_index.pip_settings import Settings
from no_libpython_dlopen.package_index.reader import Reading
from no_libpython_dlopen.package_index.simple_api import file_at
from tests.binary.index_server import Index
from tests.binary.index_wheels import Modules, write_wheel

LIBRARY = "libpython3.12.so.1.0"


def read(index: Index, filename: str, **changes: object) -> Reading:
    """Return what one file of the index holds, read with little patience."""
    file = file_at(index.address_of(filename))
    assert file is not None
    settings = Settings(indexes=(index.simple,), timeout=5, retries=0)
    return index_module.read(file, replace(settings, **changes))  # type: ignore[arg-type]


def reason(index: Index, filename: str) -> str:
    """Return why a file of the index cannot be read."""
    (fact,) = read(index, filename).facts
    assert isinstance(fact, Unread)
    assert not fact.member
    return fact.reason


@pytest.fixture
def spread(index: Index, modules: Modules, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel whose module has tables that lie further apart than is kept of a member."""
    for name in ("_KEPT", "_PACKED", "_PLAIN"):
        monkeypatch.setattr(seekable_stream, name, 4096)
    monkeypatch.setattr(seekable_stream, "_RECENT", 8192)
    monkeypatch.setattr(seekable_stream, "_INTERVAL", 50_000)
    monkeypatch.setattr(range_file, "_LARGE_PIECE", 40_000)
    chance = random.Random(1)
    module = modules.spread(LIBRARY, chance.randbytes(700_000))
    data = {"a/data.bin": chance.randbytes(300_000), "b/data.bin": chance.randbytes(300_000)}
    return write_wheel(index.folder, "spam", {**data, "p/_x.abi3.so": module, "p/a.py": b""})


def fetched(index: Index, filename: str, size: int) -> list[tuple[int, int]]:
    """Return the ranges that were asked for, each with its end, in order."""
    found = []
    for asked in index.asked(filename):
        match = re.fullmatch(r"bytes=(\d*)-(\d+)", asked)
        assert match is not None, asked
        first, last = (int(part or -1) for part in match.groups())
        found.append((size - last, size) if first < 0 else (first, last + 1))
    return sorted(found)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("torn", [20_000, 1 << 40])
def test_no_byte_is_fetched_twice(
    index: Index, spread: Path, monkeypatch: pytest.MonkeyPatch, method: int, torn: int
) -> None:
    with zipfile.ZipFile(spread) as made:
        members = {info.filename: made.read(info) for info in made.infolist()}
    with zipfile.ZipFile(spread, "w", method) as made:
        for name, data in members.items():
            made.writestr(name, data)
    inflated = 0
    spend = seekable_stream.Budget.spend

    def count(budget: seekable_stream.Budget, size: int) -> None:
        nonlocal inflated
        inflated += size
        spend(budget, size)

    monkeypatch.setattr(seekable_stream.Budget, "spend", count)
    index.torn = torn
    size = spread.stat().st_size
    found = read(index, spread.name)
    assert [type(fact) for fact in found.facts] == [Needed]
    assert found.traffic <= index.sent <= size
    if torn == 20_000:
        return
    ranges = fetched(index, spread.name, size)
    assert len(ranges) > 3
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(ranges))
    assert found.traffic == sum(end - start for start, end in ranges)
    if method == zipfile.ZIP_DEFLATED:
        assert 700_000 < inflated < 1_500_000  # the tables, then all of it in search of strings


@pytest.mark.parametrize("most", [1 << 14, 99_999])
def test_a_server_that_sends_less_at_a_time_is_asked_for_the_rest(
    index: Index, spread: Path, most: int
) -> None:
    index.ranges = "absolute"
    index.most = most
    assert [type(fact) for fact in read(index, spread.name).facts] == [Needed]
    # One that does not send the end of the file is asked for all of it.
    assert (index.asked(spread.name)[2] == "") == (most < range_file.TAIL)


def test_a_server_that_breaks_off_without_end_is_given_up(index: Index, spread: Path) -> None:
    index.torn = 100
    assert "closed the connection" in reason(index, spread.name)
    assert len(index.seen) <= 1 + range_file._TRIES


#: How a server spoils the Content-Range of its second answer, and what is said.
SPOILED: dict[str, tuple[Callable[[int, int, int], str], str]] = {
    "another start": (lambda a, b, size: f"bytes {a + 1}-{b}/{size}", "no longer supports"),
    "a later end": (lambda a, b, size: f"bytes {a}-{b + 1}/{size}", "no longer supports"),
    "another size": (lambda a, b, size: f"bytes {a}-{b}/{size + 1}", "changed while"),
    "no size": (lambda a, b, size: f"bytes {a}-{b}/*", "no longer supports range requests"),
    "no range": (lambda a, b, size: "", "no longer supports range requests"),
    "another unit": (lambda a, b, size: f"lines {a}-{b}/{size}", "no longer supports"),
    "digits": (lambda a, b, size: f"bytes {a}-{b}/" + "9" * 5000, "no longer supports"),
}


@pytest.mark.parametrize(("claim", "words"), SPOILED.values(), ids=SPOILED)
def test_a_wrong_content_range_is_not_believed(
    index: Index, spread: Path, claim: Callable[[int, int, int], str], words: str
) -> None:
    right = index.claim
    index.claim = lambda a, b, n: right(a, b, n) if b + 1 == n else claim(a, b, n)
    assert words in reason(index, spread.name)


@pytest.mark.parametrize("claim", [claim for claim, _ in SPOILED.values()], ids=SPOILED)
def test_the_whole_file_is_fetched_where_the_first_content_range_is_wrong(
    index: Index, spread: Path, claim: Callable[[int, int, int], str]
) -> None:
    index.claim = claim
    found = read(index, spread.name)
    assert [type(fact) for fact in found.facts] == [Needed]
    size = spread.stat().st_size
    assert found.traffic == size
    assert index.sent <= size + range_file.TAIL


def test_ranges_that_are_refused_are_not_needed(index: Index, spread: Path) -> None:
    index.statuses[f"/files/{spread.name}"] = [416]
    found = read(index, spread.name)
    assert [type(fact) for fact in found.facts] == [Needed]
    assert index.asked(spread.name)[1:] == [""]
    index.statuses[f"/files/{spread.name}"] = [416, 416]
    assert "responded with 416" in reason(index, spread.name)


@pytest.mark.parametrize("tags", [["1", "2"], ["1", "1", "2"], ["", "2"], ["1", ""]])
def test_a_file_that_changes_is_not_mixed(index: Index, spread: Path, tags: list[str]) -> None:
    index.tags = [f'"{tag}"' if tag else "" for tag in tags] + ['"9"'] * 9
    assert "changed while it was read" in reason(index, spread.name)


@pytest.mark.parametrize("ranges", ["all", "none"])
def test_an_encoding_that_was_not_requested_is_named(
    index: Index, spread: Path, ranges: str
) -> None:
    index.ranges = ranges
    index.headers["Content-Encoding"] = "gzip"
    assert "uses an encoding that was not requested" in reason(index, spread.name)
    index.bodies[f"/files/{spread.name}"] = ("x/y", gzip.compress(spread.read_bytes(), 1))
    assert "uses an encoding that was not requested" in reason(index, spread.name)


def test_a_source_distribution_may_be_said_to_be_encoded(index: Index, modules: Modules) -> None:
    """Apache says so of each ``.gz`` unless it is told otherwise."""
    module = index.folder / "_x.so"
    module.write_bytes(modules.needing(LIBRARY))
    source = index.folder / "spam-1.0.tar.gz"
    with tarfile.open(source, "w:gz") as made:
        made.add(module, "spam-1.0/_x.so")
    index.headers["Content-Encoding"] = "x-gzip"
    (fact,) = read(index, source.name).facts
    assert isinstance(fact, Needed)


def test_redirects_are_followed_for_each_range(index: Index, spread: Path) -> None:
    index.redirects["/old.whl/" + spread.name] = f"/files/{spread.name}"
    file = file_at(f"http://{index.host}/old.whl/{spread.name}")
    assert file is not None
    found = index_module.read(file, Settings(indexes=(index.simple,)))
    assert [type(fact) for fact in found.facts] == [Needed]
    assert index.sent <= spread.stat().st_size
    index.redirects[f"/files/{spread.name}"] = "/old.whl/" + spread.name
    (fact,) = index_module.read(file, Settings(indexes=(index.simple,))).facts
    assert isinstance(fact, Unread)
    assert "redirects more than 5 times" in fact.reason


@pytest.mark.parametrize("ranges", ["all", "none"])
def test_a_slow_server_is_given_up_after_a_time(
    index: Index, spread: Path, ranges: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.ranges = ranges
    index.pause = 0.02
    assert [type(fact) for fact in read(index, spread.name).facts] == [Needed]
    monkeypatch.setattr(range_file, "FILE_SECONDS", 0.5)
    index.pause = 0.2
    started = time.monotonic()
    assert "did not send all of its answer" in reason(index, spread.name)
    assert time.monotonic() - started < 10


def test_a_full_disk_is_one_line(
    index: Index, spread: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(seekable_stream.SpooledFile, "write", write)
    assert reason(index, spread.name) == "cannot be read: No space left on device"


@pytest.mark.parametrize("ranges", ["all", "absolute", "none"])
def test_what_is_fetched_is_what_is_on_disk(index: Index, spread: Path, ranges: str) -> None:
    index.ranges = ranges
    (fact,) = read(index, spread.name).facts
    (same,) = reading.read(str(spread))
    assert isinstance(same, Needed)
    assert fact == replace(same, fix=None, no_fix_reason=index_module.NO_FIX)
