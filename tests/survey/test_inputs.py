"""What a survey counts: names, files of names, folders of wheels and pages, each package once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from no_libpython_dlopen.package_index.pip_settings import Settings
from no_libpython_dlopen.survey.inputs import InvalidInput, items_of, sample_of
from no_libpython_dlopen.survey.models import Item

NOTHING = Settings(indexes=())
WHEELS = ["Spam.Eggs-1.0-py3-none-any.whl", "spam_eggs-1.10-py3-none-any.whl", "ham-2-py3-none-any.whl"]  # fmt: skip

#: A file's name and text, and what is counted: name, requirement, rank.
FILES = {
    "lines": ("names.txt", "spam\n\n# no\nHam>=2 # why\n", [("spam", "spam", 1), ("ham", "Ham>=2", 2)]),
    "lines behind a byte order mark": ("names.txt", "\ufeffspam\r\n", [("spam", "spam", 1)]),
    "a list": ("top.json", '["spam", "Ham"]', [("spam", "spam", 1), ("ham", "Ham", 2)]),
    "the most downloaded": (
        "top.json",
        json.dumps({"last_update": "x", "rows": [{"downloads": 9, "project": "spam"}]}),
        [("spam", "spam", 1)],
    ),
    "a table": ("top.csv", "downloads,name\n9,spam\n8\n7,ham\n", [("spam", "spam", 1), ("ham", "ham", 2)]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "expected"), FILES.values(), ids=FILES)
def test_a_file_of_names_gives_each_its_rank(
    tmp_path: Path, name: str, text: str, expected: list[tuple[str, str, int]]
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    found = items_of([str(path)], NOTHING)
    assert [(item.name, item.requirement, item.rank) for item in found] == expected


@pytest.mark.parametrize(
    "name", ["spam", "discord.py", "chart.js", "nope.txt>=0", "zope.interface"]
)
def test_what_is_no_name_of_a_file_is_a_package(name: str) -> None:
    (found,) = items_of([name], NOTHING)
    assert found.requirement == name


def test_of_several_inputs_that_name_a_package_the_first_counts(tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("Spam==1\nham\n")
    found = items_of(["spam==2", str(names)], NOTHING)
    assert [(item.name, item.requirement, item.rank) for item in found] == [
        ("spam", "spam==2", 0),
        ("ham", "ham", 2),
    ]


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with two versions of one package and one of another, and what is no wheel."""
    (tmp_path / "wheels/below").mkdir(parents=True)
    for name in WHEELS:
        (tmp_path / "wheels/below" / name).touch()
    (tmp_path / "wheels/notes.txt").touch()
    (tmp_path / "wheels/spam_eggs-not.a.version-py3-none-any.whl").touch()
    return tmp_path / "wheels"


def names_of(items: list[Item]) -> dict[str, list[str]]:
    return {item.name: [file.filename for file in item.files] for item in items}


def test_a_folder_has_the_newest_wheels_of_each_package(wheels: Path) -> None:
    newest = {"spam-eggs": [WHEELS[1]], "ham": [WHEELS[2]]}
    notes: list[str] = []
    assert names_of(items_of([str(wheels)], NOTHING, notes)) == newest
    (note,) = notes
    assert note == (
        f"{wheels}: skipped what is neither a wheel nor a source distribution: "
        "spam_eggs-not.a.version-py3-none-any.whl; "
        f"`nolibpy check {wheels}` checks other archives and modules"
    )
    (wheels / "spam_eggs-not.a.version-py3-none-any.whl").unlink()
    assert names_of(items_of([str(wheels)], NOTHING, notes)) == newest
    assert notes == [note]
    for name in ("c.rpm", "a.deb", "b.so", "d.zip"):
        (wheels / "below" / name).touch()
    assert names_of(items_of([str(wheels)], NOTHING, notes)) == newest
    assert "distribution: a.deb, b.so, c.rpm and 1 more; `nolibpy" in notes[1]


def test_a_wheel_is_a_package(wheels: Path) -> None:
    path = str(wheels / "below" / WHEELS[0])
    assert names_of(items_of([path], NOTHING)) == {"spam-eggs": [WHEELS[0]]}


@pytest.mark.parametrize("as_address", [False, True])
def test_a_page_lists_wheels_or_projects(wheels: Path, as_address: bool) -> None:
    page = wheels / "index.html"
    page.write_text(f'<a href="below/{WHEELS[2]}">{WHEELS[2]}</a>')
    given = page.as_uri() if as_address else str(page)
    assert names_of(items_of([given], NOTHING)) == {"ham": [WHEELS[2]]}
    page.write_text('<a href="spam/">Spam</a> <a href="x/">not a name!</a>')
    assert names_of(items_of([given], NOTHING)) == {"spam": []}


@pytest.mark.parametrize("end", ["</a>\n", "</a>", "", "<br>more</a>", "</a> &amp; "])
def test_a_name_is_whole_wherever_a_piece_of_the_page_ends(tmp_path: Path, end: str) -> None:
    names = [f"package{'-' * (number % 7)}{number}x" for number in range(9_000)]
    page = tmp_path / "names.html"
    page.write_text("".join(f'<a href="{name}/"> {name}{end}' for name in names))
    assert [item.requirement for item in items_of([str(page)], NOTHING)] == names


#: A file's name and content, and what is said of it.
USELESS = {
    "nothing": ("names.txt", b"# nothing\n", "no names in this file"),
    "no text": ("names.txt", b"\xff\xfe\x00", "nor a text file with names"),
    "no requirement": ("names.txt", b"spam\n!!\n", "names.txt:2: neither a path nor the name of"),
    "an address": ("names.txt", b"spam @ https://x/y.whl\n", "expected the name of a package"),
    "no JSON": ("a.json", b"{", "not valid JSON"),
    "deep JSON": ("a.json", b"[" * 100_000, "not valid JSON"),
    "no array": ("a.json", b'{"a": 1}', "contains no array of names"),
    "a number": ("a.json", b"[1]", "an entry has no project, name, package"),
    "objects without a name": ("a.json", b'[{"a": 1}]', "an entry has no project, name, package"),
    "no column": ("a.csv", b"a,b\n1,2\n", "no column named project, name, package"),
    "a field without end": (
        "a.csv",
        b"name\n" + b"x" * 200_000,
        "not valid CSV: field larger than",
    ),
    "a package of conda": ("spam-1.0-py312_0.conda", b"PK\3\4\xff", "nor a text file with names"),
    "an older package of conda": ("spam-1.0-py312_0.tar.bz2", b"BZh9\xff", "nor a text file with"),
    "a page of nothing": ("a.html", b"<p>", "lists no packages"),
}


@pytest.mark.parametrize(("name", "content", "reason"), USELESS.values(), ids=USELESS)
def test_what_names_nothing_is_one_line(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as raised:
        items_of([str(path)], NOTHING)
    assert reason in str(raised.value)
    assert str(path) in str(raised.value)


def test_an_empty_folder_and_a_page_that_is_not_there_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="no wheels or source distributions in this directory"):
        items_of([str(tmp_path / "empty")], NOTHING)
    (tmp_path / "debs").mkdir()
    (tmp_path / "debs/spam_1.0_all.deb").touch()
    with pytest.raises(InvalidInput, match=r"in this directory; `nolibpy check .*debs` checks"):
        items_of([str(tmp_path / "debs")], NOTHING)
    with pytest.raises(InvalidInput, match="no such page"):
        items_of([(tmp_path / "none.html").as_uri()], NOTHING)
    with pytest.raises(InvalidInput, match="not a regular file"):
        items_of(["/dev/null"], NOTHING)


def test_a_sample_is_drawn_of_the_names_whatever_their_order() -> None:
    items = [Item(name, name) for name in "abcdefgh"]
    chosen = sample_of(items, 3, 7)
    assert len(chosen) == 3
    assert chosen == sorted(sample_of(items[::-1], 3, 7), key=lambda item: item.name)
    assert sample_of(items, 8, 7) == sample_of(items, 99, 7) == items
