"""Streams that can only be read from their start, read at any offset."""

from __future__ import annotations

import io
import random
import zlib
from typing import TYPE_CHECKING

import pytest

from no_libpython_dlopen.binary.archives import seekable_stream
from no_libpython_dlopen.binary.archives.seekable_stream import Deflated, Forward, from_start
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, params=["zlib", "zlib_ng.zlib_ng"])
def inflation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inflate by the standard library and by the extra ``fast``."""
    monkeypatch.setattr(seekable_stream, "inflation", pytest.importorskip(request.param))


def test_a_stream_is_read_anywhere_and_started_over_a_few_times() -> None:
    size = 130 << 20
    starts = []

    def start() -> object:
        starts.append(1)
        for number in range(130):
            yield bytes([number]) * (1 << 20)

    stream = Forward(from_start(start), size, size)  # type: ignore[arg-type]
    assert stream.read(size - 1, 9) == bytes([129])
    assert stream.read(5 << 20, 2) == bytes([5, 5])
    assert len(starts) == 1
    assert stream.read(80 << 20, 2) == bytes([80, 80])  # in the gap: once more
    assert len(starts) == 2
    once = Forward(from_start(start), 400 << 20, 1 << 40, again=False)  # type: ignore[arg-type]
    with pytest.raises(MalformedBinary, match="truncated"):
        once.read(399 << 20, 2)
    short = Forward(from_start(start), size, 1 << 20)  # type: ignore[arg-type]
    with pytest.raises(MalformedBinary, match="100 times"):
        short.read(3 << 20, 1)


class Counter:
    """A budget that counts, and a file that counts where it was read."""

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)
        self.inflated = 0

    def spend(self, size: int) -> None:
        self.inflated += size


def deflated(plain: bytes, kept: int, monkeypatch: pytest.MonkeyPatch) -> tuple[Forward, Counter]:
    """Return a stream that keeps little of ``plain``, with a saved state every 100 kB."""
    monkeypatch.setattr(seekable_stream, "_KEPT", kept)
    monkeypatch.setattr(seekable_stream, "_RECENT", 50_000)
    monkeypatch.setattr(seekable_stream, "_INTERVAL", 100_000)
    monkeypatch.setattr(seekable_stream, "_PACKED", 8_000)
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    counter = Counter(b"before" + packer.compress(plain) + packer.flush())
    packed = len(counter.file.getvalue()) - 6
    source = Deflated(counter.file, lambda: 6, packed, counter)  # type: ignore[arg-type]
    return Forward(source.pieces_from, len(plain), 1 << 30), counter


@pytest.mark.parametrize("kept", [0, 1_000, 70_000, 4_000_000])
@pytest.mark.parametrize("states", [8, 128])
def test_a_deflated_stream_goes_on_from_the_states_that_were_saved(
    kept: int, states: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seekable_stream, "_MOST_STATES", states)
    chance = random.Random(9)
    plain = b"".join(chance.randbytes(500) * 4 for _ in range(1_500))
    stream, counter = deflated(plain, kept, monkeypatch)
    places = [(2_999_000, 999), (1_500_000, 15_000), (2_990_000, 99), (0, 30), (kept - 9, 30)]
    places += [(chance.randrange(3_000_000), chance.randrange(9_000)) for _ in range(12)]
    for offset, size in places:
        offset = max(0, offset)
        assert stream.read(offset, size) == plain[offset : offset + size], offset
    passes = counter.inflated / len(plain)
    assert passes < (1.1 if kept > len(plain) else 7 if states == 8 else 2.5), passes


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("first", [0, 30_000, 60_000])
def test_what_is_asked_for_at_once_is_kept_whole(
    first: int, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = random.Random(first).randbytes(100_000)
    monkeypatch.setattr(seekable_stream, "_KEPT", 4_000)
    monkeypatch.setattr(seekable_stream, "_RECENT", 5_000)
    monkeypatch.setattr(seekable_stream, "_INTERVAL", 5_000)

    def pieces() -> Iterator[bytes]:
        return (plain[at : at + 700] for at in range(0, len(plain), 700))

    stream = Forward(from_start(pieces), len(plain), 1 << 40, again=again)
    assert stream.read(first, 1) == plain[first : first + 1]
    assert stream.read(2_000, 90_000) == plain[2_000:92_000]
    assert stream.read(10, 99_000) == plain[10:99_010]


@pytest.mark.parametrize("kept", [0, 1_000, 70_000, 4_000_000])
def test_a_stream_that_is_read_once_can_be_looked_back_at(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seekable_stream, "_KEPT", kept)
    monkeypatch.setattr(seekable_stream, "_RECENT", 5_000)
    chance = random.Random(kept)
    plain = chance.randbytes(100_000)
    pieces = iter([plain[at : at + 700] for at in range(0, len(plain), 700)])
    stream = Forward(from_start(lambda: pieces), len(plain), 1 << 40, again=False)
    for _ in range(60):
        offset, size = chance.randrange(100_000), chance.randrange(9_000)
        assert stream.read(offset, size) == plain[offset : offset + size], offset
    assert sum(map(len, stream._stored)) <= kept + 9_000 + 2 * 700


def test_what_is_only_read_on_is_not_kept_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seekable_stream, "_RECENT", 5_000)
    plain = random.Random(3).randbytes(100_000)
    pieces = (plain[at : at + 700] for at in range(0, len(plain), 700))
    stream = Forward(from_start(lambda: pieces), len(plain), 1 << 40, again=False)
    stream.stop_keeping()
    assert b"".join(stream.read(at, 900) for at in range(0, len(plain), 900)) == plain
    with pytest.raises(MalformedBinary, match="too far apart"):
        stream.read(9, 1)


def test_going_back_and_forth_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = random.Random(10).randbytes(1_000_000)
    stream, counter = deflated(plain, 0, monkeypatch)

    def go_to_and_fro() -> None:
        for _ in range(90):
            assert stream.read(900_000, 9) == plain[900_000:900_009]
            assert stream.read(500_000, 9) == plain[500_000:500_009]

    with pytest.raises(MalformedBinary, match="too far apart"):
        go_to_and_fro()
    assert counter.inflated < 9 * len(plain)


@pytest.mark.parametrize(("cut", "words"), [(1, "truncated"), (50_000, "truncated")])
def test_a_deflated_stream_that_is_cut_is_malformed(
    cut: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, counter = deflated(random.Random(11).randbytes(300_000), 0, monkeypatch)
    counter.file.truncate(len(counter.file.getvalue()) - cut)
    with pytest.raises(MalformedBinary, match=words):
        stream.read(299_999, 1)
    damaged, counter = deflated(bytes(300_000), 0, monkeypatch)
    counter.file.seek(6)
    counter.file.write(b"\xff" * 9)
    with pytest.raises(MalformedBinary, match="corrupt"):
        damaged.read(0, 1)
