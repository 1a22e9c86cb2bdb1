"""What modules of a distribution need, through the root of the system that they belong to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from tests.binary.made_elf import made_elf

LIBPYTHON = "libpython3.11.so.1.0"
MODULE = "usr/lib/python3/dist-packages/x.cpython-311-x86_64-linux-gnu.so"
#: What a case has below its root: the files, links among them, and the module's RUNPATH.
Files = dict[str, str]
LIBRARY = "(a library that needs libpython)"
HARMLESS = "(a library that needs none)"
#: The same for another machine, i386: the loader passes it over.
FOREIGN_LIBRARY = "(a library of 32 bits that needs libpython)"
FOREIGN_HARMLESS = "(a library of 32 bits that needs none)"
LIBRARIES = {
    LIBRARY: (64, LIBPYTHON),
    HARMLESS: (64, "libm.so.6"),
    FOREIGN_LIBRARY: (32, LIBPYTHON),
    FOREIGN_HARMLESS: (32, "libm.so.6"),
}
LINK = "-> "
MUSL = "lib/ld-musl-x86_64.so.1"


def put(root: Path, files: Files, runpath: str = "") -> Path:
    """Make the files of a system with one module, and return the module's path."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content.startswith(LINK):
            path.symlink_to(content.removeprefix(LINK))
        elif content in LIBRARIES:
            bits, needed = LIBRARIES[content]
            library = made_elf(bits, "<", needed=[needed], soname=path.name)
            path.write_bytes(library.replace(b"PyInit_x", b"helps_it"))
        else:
            path.write_text(content)
    module = root / MODULE
    module.parent.mkdir(parents=True, exist_ok=True)
    musl = ["libc.musl-x86_64.so.1"] if MUSL in files else []
    module.write_bytes(made_elf(64, "<", needed=["libhelp.so.1", *musl], runpath=runpath))
    return module


def check(root: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", *options]
    done = subprocess.run(
        [*command, "--output-format", "concise", MODULE],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


HWCAPS = "usr/lib/glibc-hwcaps/x86-64"
FOUND = [
    pytest.param({"usr/lib/libhelp.so.1": LIBRARY}, "", id="default directory"),
    pytest.param({"usr/lib/x86_64-linux-gnu/libhelp.so.1": LIBRARY}, "", id="multiarch"),
    pytest.param({"lib64/libhelp.so.1": LIBRARY}, "", id="lib64"),
    pytest.param({"opt/h/libhelp.so.1": LIBRARY}, "/opt/h", id="absolute RUNPATH"),
    pytest.param({"opt/h/libhelp.so.1": LIBRARY}, "/none:/opt/h", id="second of two"),
    pytest.param({"usr/lib/python3/libhelp.so.1": LIBRARY}, "$ORIGIN/..", id="$ORIGIN"),
    pytest.param(
        {"etc/ld.so.conf": "# all\n/opt/a\n", "opt/a/libhelp.so.1": LIBRARY}, "", id="ld.so.conf"
    ),
    pytest.param(
        {
            "etc/ld.so.conf": "include /etc/ld.so.conf.d/*.conf\n",
            "etc/ld.so.conf.d/a.conf": "/opt/a  # here\n",
            "opt/a/libhelp.so.1": LIBRARY,
        },
        "",
        id="included by ld.so.conf",
    ),
    pytest.param(
        {"usr/lib/libhelp.so.1": f"{LINK}/opt/h/libhelp.so.1.2", "opt/h/libhelp.so.1.2": LIBRARY},
        "",
        id="absolute link",
    ),
    pytest.param({"lib": f"{LINK}usr/lib", "usr/lib/libhelp.so.1": LIBRARY}, "", id="merged /usr"),
    pytest.param({"opt/lib64/libhelp.so.1": LIBRARY}, "/opt/$LIB", id="$LIB"),
    pytest.param({"opt/lib/libhelp.so.1": LIBRARY}, "/opt/${LIB}", id="$LIB of Arch"),
    pytest.param(
        {"opt/lib/x86_64-linux-gnu/libhelp.so.1": LIBRARY}, "/opt/$LIB", id="$LIB of Debian"
    ),
    pytest.param(
        {
            "lib/x86_64-linux-gnu/libc.so.6": HARMLESS,
            "opt/lib64/libhelp.so.1": HARMLESS,
            "opt/lib/x86_64-linux-gnu/libhelp.so.1": LIBRARY,
        },
        "/opt/$LIB",
        id="$LIB is where the C library is",
    ),
    pytest.param({"opt/x86_64/libhelp.so.1": LIBRARY}, "/opt/$PLATFORM", id="$PLATFORM"),
    pytest.param(
        {"usr/lib/python3/lib64/haswell/libhelp.so.1": LIBRARY},
        "$ORIGIN/../$LIB/${PLATFORM}",
        id="all tokens",
    ),
    pytest.param(
        {
            "usr/lib/i386-linux-gnu/libhelp.so.1": FOREIGN_HARMLESS,
            "usr/lib/x86_64-linux-gnu/libhelp.so.1": LIBRARY,
        },
        "",
        id="a library for another machine is passed over",
    ),
    pytest.param(
        {MUSL: HARMLESS, "usr/lib/python3/libhelp.so.1": LIBRARY}, "$ORIGIN/..", id="musl"
    ),
    pytest.param(
        {"usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v2/libhelp.so.1": LIBRARY},
        "",
        id="x86-64-v2 of multiarch",
    ),
    pytest.param(
        {
            "usr/lib64/glibc-hwcaps/x86-64-v3/libhelp.so.1": LIBRARY,
            "usr/lib64/libhelp.so.1": HARMLESS,
        },
        "",
        id="x86-64-v3 of lib64",
    ),
    pytest.param(
        {"opt/h/glibc-hwcaps/x86-64-v4/libhelp.so.1": LIBRARY, "opt/h/libhelp.so.1": HARMLESS},
        "/opt/h",
        id="x86-64-v4 of RUNPATH",
    ),
    pytest.param(
        {"etc/ld.so.conf": "/opt/a\n", "opt/a/glibc-hwcaps/x86-64-v3/libhelp.so.1": LIBRARY},
        "",
        id="x86-64-v3 of ld.so.conf",
    ),
    pytest.param(
        {"usr/lib/python3/glibc-hwcaps/x86-64-v3/libhelp.so.1": LIBRARY},
        "$ORIGIN/..",
        id="x86-64-v3 of $ORIGIN",
    ),
    pytest.param(
        {f"{HWCAPS}-v3/libhelp.so.1": HARMLESS, "usr/lib/libhelp.so.1": LIBRARY},
        "",
        id="older processors take another",
    ),
    pytest.param(
        {
            f"{HWCAPS}-v3/libhelp.so.1": HARMLESS,
            f"{HWCAPS}-v2/libhelp.so.1": LIBRARY,
            "usr/lib/libhelp.so.1": HARMLESS,
        },
        "",
        id="one of three",
    ),
    pytest.param(
        {"usr/lib/glibc-hwcaps": f"{LINK}/opt/h", "opt/h/x86-64-v3/libhelp.so.1": LIBRARY},
        "",
        id="glibc-hwcaps is a link",
    ),
]


@pytest.mark.parametrize(("files", "runpath"), FOUND)
def test_a_need_through_the_system_is_found_and_not_fixed(
    files: Files, runpath: str, tmp_path: Path
) -> None:
    put(tmp_path, files, runpath)
    status, told = check(tmp_path, "--root", ".")
    assert status == 1
    assert "NLP301" in told
    assert "needs `libpython3.11.so.1.0` through `/" in told
    assert "fixable" not in told


SILENT = [
    pytest.param({"usr/lib/libhelp.so.1": HARMLESS}, "", id="it needs none"),
    pytest.param({"opt/h/libhelp.so.1": LIBRARY}, "", id="no directory of the loader's"),
    pytest.param(
        {"opt/h/libhelp.so.1": HARMLESS, "usr/lib/libhelp.so.1": LIBRARY},
        "/opt/h",
        id="the first place decides",
    ),
    pytest.param({"usr/lib/libhelp.so.1": f"{LINK}libhelp.so.1"}, "", id="a link to itself"),
    pytest.param({f"{HWCAPS}-v3/libhelp.so.1": HARMLESS}, "", id="glibc-hwcaps"),
    pytest.param({f"{HWCAPS}-v1/libhelp.so.1": LIBRARY}, "", id="no level of glibc's"),
    pytest.param(
        {"usr/lib/glibc-hwcaps/power10/libhelp.so.1": LIBRARY}, "", id="another machine's level"
    ),
    pytest.param({"usr/lib/x86-64-v3/libhelp.so.1": LIBRARY}, "", id="not in glibc-hwcaps"),
    pytest.param(
        {"opt/h/libhelp.so.1": HARMLESS, f"{HWCAPS}-v3/libhelp.so.1": LIBRARY},
        "/opt/h",
        id="a variant behind the first place",
    ),
    pytest.param(
        {f"{HWCAPS}-v3/libhelp.so.1": FOREIGN_LIBRARY}, "", id="a variant of another machine"
    ),
    pytest.param({MUSL: HARMLESS, f"{HWCAPS}-v3/libhelp.so.1": LIBRARY}, "", id="musl has none"),
    pytest.param({"etc/ld.so.conf": "include /etc/ld.so.conf\n"}, "", id="a file includes itself"),
    pytest.param({"usr/lib/libhelp.so.1": FOREIGN_LIBRARY}, "", id="only for another machine"),
    pytest.param(
        {"lib64/libc.so.6": HARMLESS, "opt/lib/x86_64-linux-gnu/libhelp.so.1": LIBRARY},
        "/opt/$LIB",
        id="$LIB of another distribution",
    ),
    pytest.param({"opt/aarch64/libhelp.so.1": LIBRARY}, "/opt/$PLATFORM", id="another $PLATFORM"),
    pytest.param({"opt/x/libhelp.so.1": LIBRARY}, "/opt/$SOMETHING", id="no token"),
    pytest.param({"opt/x/libhelp.so.1": LIBRARY}, "opt/x", id="from the working directory"),
    pytest.param(
        {MUSL: HARMLESS, "usr/lib/python3/libhelp.so.1": LIBRARY},
        "$ORIGIN/..:/opt/$LIB",
        id="musl takes a path with an unknown token for none",
    ),
]


@pytest.mark.parametrize(("files", "runpath"), SILENT)
def test_other_modules_are_silent(files: Files, runpath: str, tmp_path: Path) -> None:
    put(tmp_path, files, runpath)
    assert check(tmp_path, "--root", ".")[0] == 0


def test_no_link_leads_out_of_the_root(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    put(outside, {"libhelp.so.1": LIBRARY})
    root = tmp_path / "root"
    put(root, {"usr/lib/libhelp.so.1": f"{LINK}{outside}/libhelp.so.1"})
    assert check(root, "--root", ".")[0] == 0
    put(root, {"usr/lib64": f"{LINK}../../../outside"})
    assert check(root, "--root", ".")[0] == 0


def test_without_a_root_the_system_is_left_alone(tmp_path: Path) -> None:
    module = put(tmp_path, {"usr/lib/libhelp.so.1": LIBRARY})
    assert check(tmp_path)[0] == 0
    needed = [str(tmp_path / "usr/lib/libhelp.so.1")]
    module.write_bytes(made_elf(64, "<", needed=needed))
    assert check(tmp_path)[0] == 0
    module.write_bytes(made_elf(64, "<", needed=["/usr/lib/libhelp.so.1"]))
    assert check(tmp_path, "--root", ".")[0] == 1


@pytest.mark.parametrize(
    ("files", "options", "told"),
    [
        ([MODULE], ["tree"], True),
        (["usr/lib64/python3.12/site-packages/x.so"], ["tree"], True),
        (["usr/local/lib/x.so", "a.py"], ["a.py", "tree"], True),
        ([MODULE], ["--root", "tree", "tree"], False),
        ([MODULE], ["-q", "tree"], False),
        ([MODULE], ["tree/usr"], False),
        ([MODULE], ["."], False),
        (["usr/lib/python3/dist-packages/x.py"], ["tree"], False),
        (["src/x.so", "lib/y.so", "lib/z.py"], ["tree"], False),
        (["usr/share/x.so"], ["tree"], False),
    ],
)
def test_what_follows_more_libraries_is_noted_once(
    files: list[str],
    options: list[str],
    told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in files:
        path = tmp_path / ("" if name == "a.py" else "tree") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made_elf(64, "<", needed=["libm.so.6"]) if name.endswith("so") else b"")
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--isolated", *options]) == 0
    note = "nolibpy: note: tree: `--root tree` also follows libraries in its `/usr/lib`\n"
    assert capsys.readouterr().err == (note if told else "")


@pytest.mark.parametrize(
    ("folder", "runpath", "library", "fixed"),
    [
        ("usr/lib/host/lib", "/usr/lib/host/lib", "usr/lib/host/lib/libhelp.so.1", False),
        ("usr/libexec/host", "", "usr/lib/libhelp.so.1", False),
        ("opt/host/lib", "/opt/host/lib", "opt/host/lib/libhelp.so.1", False),
        ("opt/host/lib", "/opt/host/lib/:/opt/h", "opt/h/libhelp.so.1", False),
        ("opt/host/lib", "/opt/other", "opt/other/libhelp.so.1", True),
        ("opt/host/lib", "lib", "opt/host/lib/libhelp.so.1", True),
        ("opt/host/lib", "/:/host/other", "libhelp.so.1", True),
    ],
)
def test_a_plug_in_keeps_what_comes_back_through_its_libraries(
    tmp_path: Path, folder: str, runpath: str, library: str, fixed: bool
) -> None:
    """As FreeCAD's: its own search path tells where the root is, or ``usr/lib`` does."""
    put(tmp_path, {library: LIBRARY})
    module = tmp_path / folder / "x.so"
    module.parent.mkdir(parents=True, exist_ok=True)
    before = made_elf(64, "<", needed=["libhelp.so.1", LIBPYTHON], runpath=runpath)
    module.write_bytes(before)
    assert main(["fix", "--isolated", "--quiet", str(tmp_path / folder)]) == (0 if fixed else 1)
    assert (module.read_bytes() != before) is fixed


def test_many_modules_are_followed_in_worker_processes_too(tmp_path: Path) -> None:
    module = put(tmp_path, {"usr/lib/libhelp.so.1": LIBRARY})
    for number in range(40):
        (module.parent / f"m{number}.abi3.so").write_bytes(module.read_bytes())
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", "--jobs", "2"]
    done = subprocess.run(
        [*command, "--root", ".", "--output-format", "concise", "usr"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("NLP301") == 41


def test_a_root_that_is_no_directory_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, {})
    status, told = check(tmp_path, "--root", MODULE)
    assert status == 2
    assert "is not a directory" in told
