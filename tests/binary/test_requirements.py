"""Requirements files and pip's configuration, read as pip reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.package_index.pip_settings import PYPI, Settings, from_options, options_in
from no_libpython_dlopen.package_index.requirements_file import (
    InvalidRequirements,
    Requirements,
    read,
)


def requirements(folder: Path, text: str, **others: str) -> Requirements:
    for name, content in others.items():
        (folder / f"{name}.txt").write_text(content)
    path = folder / "requirements.txt"
    path.write_text(text, encoding="utf-8")
    return read([str(path)])


#: Text of ``requirements.txt``, and what is looked up.
PACKAGES = {
    "names": ("spam\nHam==1 # why\n\n# no\n", ["spam", "Ham==1"]),
    "the same twice": ("spam\nspam\n", ["spam"]),
    "extras and markers": (
        "spam[fast]>=1; python_version >= '3'\nham; python_version < '3'\n",
        ["spam>=1"],
    ),
    "hashes": ("spam==1 --hash=sha256:00 --hash=sha256:11\n", ["spam==1"]),
    "a line that goes on": ("spam \\\n  >=1, \\\n  <2\n", ["spam<2,>=1"]),
    "a line that goes on to the end": ("spam>=1\\", ["spam>=1"]),
    "a comment ends a line all the same": ("spam # no \\\nham\n", ["spam", "ham"]),
    "a variable": ("spam==${VERSION}\n", ["spam==7"]),
    "a byte order mark": ("\ufeffspam\n", ["spam"]),
    "another file": ("-r other.txt\nspam\n", ["ham", "eggs", "spam"]),
    "another file, spelled out": ("--requirement=other.txt\n", ["ham", "eggs"]),
    "a file that includes itself": ("-r requirements.txt\nspam\n", ["spam"]),
    "constraints": ("-c narrow.txt\nspam>=1\nham\n", ["spam<2,>=1", "ham==3"]),
    "options": ("--no-binary :all:\n--prefer-binary\nspam\n", ["spam"]),
}


@pytest.mark.parametrize(("text", "packages"), PACKAGES.values(), ids=PACKAGES)
def test_packages_are_asked_for_by_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, packages: list[str]
) -> None:
    monkeypatch.setenv("VERSION", "7")
    narrow = "spam<2\nham==3\nunused==1\n"
    found = requirements(tmp_path, text, other="ham\neggs\n", narrow=narrow)
    assert found.packages() == packages


def test_a_variable_that_is_not_set_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOWHERE", raising=False)
    found = requirements(tmp_path, "--index-url https://${NOWHERE}@x/simple\n")
    assert found.options == [("index-url", "https://${NOWHERE}@x/simple")]


def test_what_is_no_package_of_an_index_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "spam-1.0-py3-none-any.whl").touch()
    wheel = str(tmp_path / "spam-1.0-py3-none-any.whl")
    lines = ["-e .", "git+https://x/y.git", "./local", "https://x/y.tar.gz", "y @ git+ssh://x/y"]
    found = requirements(tmp_path, "\n".join([*lines, wheel]))
    path = tmp_path / "requirements.txt"
    assert found.left_out == [f"{path}:{row}: {line}" for row, line in enumerate(lines, 1)]
    assert found.paths == [wheel]
    assert found.packages() == []


def test_options_about_the_index_change_the_settings_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    found = requirements(
        tmp_path,
        "-i https://a/simple\n--extra-index-url=https://b/simple\n-f wheels\n-f https://c/\n"
        "--trusted-host d\n--pre\n",
    )
    changed = Settings(indexes=(PYPI,)).with_options(found.options)
    assert changed.indexes == ("https://a/simple", "https://b/simple")
    assert changed.find_links == (str(tmp_path / "wheels"), "https://c/")
    assert (changed.trusted_hosts, changed.prereleases) == (("d",), True)
    assert changed.with_options([("no-index", "")]).indexes == ()


#: Text, and what is said of it.
BROKEN = {
    "an endless name": (
        f"spam\n{'s' * 5000}\n",
        "requirements.txt:2: not a requirement: more than 4,096 characters",
    ),
    "no requirement": ("spam\n!!\n", "requirements.txt:2: not a requirement"),
    "an address": ("-r https://x/other.txt\n", "URLs are not supported"),
    "no such file": ("-r none.txt\n", "none.txt: no such file"),
    "a folder": ("-c .\n", "not a file"),
}


@pytest.mark.parametrize(("text", "reason"), BROKEN.values(), ids=BROKEN)
def test_what_pip_would_refuse_is_one_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(InvalidRequirements) as raised:
        requirements(tmp_path, text)
    assert reason in str(raised.value)
    assert "\n" not in str(raised.value)


def test_files_without_end_are_refused(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}.txt").write_text(f"-r {number + 1}.txt\n")
    with pytest.raises(InvalidRequirements, match="more than 200 files"):
        read([str(tmp_path / "0.txt")])
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate((16 << 20) + 1)
    with pytest.raises(InvalidRequirements, match="longer than 16 million"):
        read([str(tmp_path / "large.txt")])


def test_what_pip_lists_is_read_and_the_environment_wins() -> None:
    listed = (
        "global.index-url='https://a/simple'\nglobal.timeout='3'\nsite.index-url='no'\n"
        ":env:.index-url='https://b/simple'\ninstall.trusted-host='c d'\nglobal.cert=broken(\n"
        ":env:.extra-index-url='https://e/simple https://b/simple'\nnonsense\n"
    )
    settings = from_options(options_in(listed))
    assert settings.indexes == ("https://b/simple", "https://e/simple")
    assert (settings.timeout, settings.trusted_hosts) == (3.0, ("c", "d"))
    assert from_options({"no-index": "true"}).indexes == ()
    assert from_options({"no-index": "off"}).indexes == (PYPI,)
    assert from_options({"timeout": "soon", "retries": "99"}).timeout == Settings().timeout
