"""Everything that is fuzzed: a reader, what must hold, where its inputs come from.

Each file of ``corpus/NAME`` is an input that once broke the promise of the target
``NAME``; ``test_fuzz.py`` replays them.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import textwrap
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.binary.made_elf import LAYOUTS, made_elf
from tests.binary.test_archives import tar
from tests.binary.test_macho import FRAMEWORK, fat, image
from tests.buildsystems import (
    test_automake_cargo,
    test_cmake,
    test_cmake_fixes,
    test_fuzz_cmake_meson,
    test_fuzz_make_shell,
    test_fuzz_python_syntax,
    test_make,
    test_meson,
    test_setup_cfg,
    test_shell,
)
from tests.fuzz import binaries, texts
from tests.fuzz.mutation import with_crcs, with_tar_checksums
from tests.python import test_fix_safety, test_loads

CASES = Path(__file__).parent.parent / "cases"
CORPUS = Path(__file__).parent / "corpus"
LIBRARY = "libpython3.12.so.1.0"
#: Bytes of one input. Larger ones are slower, and show little that these do not.
LONGEST = 4096


@dataclass(frozen=True)
class Target:
    """One reader: ``check`` raises where a promise is broken (see ``texts``).

    ``words`` are what its language is made of; ``mend`` repairs what no damage gets past.
    ``rounds`` is how many inputs CI tries, for a second or less.
    """

    check: texts.Check
    seeds: Callable[[], Iterable[str | bytes]]
    words: Sequence[str | bytes] = ()
    rounds: int = 60
    mend: Callable[[bytes], bytes] | None = None

    def inputs(self) -> list[bytes]:
        """Return the seeds as bytes, each once, none longer than ``LONGEST``."""
        made = [one.encode() if isinstance(one, str) else one for one in self.seeds()]
        return [one for one in dict.fromkeys(made) if len(one) <= LONGEST]

    def dictionary(self) -> list[bytes]:
        """Return the words as bytes."""
        return [one.encode() if isinstance(one, str) else one for one in self.words]


def strings(*tables: object) -> Iterator[str]:
    """Yield the texts of tests' tables, however they are nested."""
    for table in tables:
        if isinstance(table, str):
            yield textwrap.dedent(table).lstrip("\n")
        elif isinstance(table, dict):
            yield from strings(*table.values())
        elif isinstance(table, list | tuple):
            yield from strings(*table)


def cases(name: str) -> list[str]:
    """Return the conformance cases' files of this name."""
    return [path.read_text() for path in sorted(CASES.glob(f"build/*/{name}"))]


def build(name: str, *tables: object) -> Callable[[], list[str]]:
    """Return what gives the seeds of a build file: cases, and the tests' tables."""
    return lambda: [*cases(name), *strings(*tables)]


def programs() -> list[str]:
    """Return Python that loads libraries."""
    found = [path.read_text() for path in sorted(CASES.glob("python/*.py"))]
    tables = (test_loads.VERDICTS, test_loads.REWRITES, test_loads.SILENT, test_fix_safety.VERDICTS)
    return [*found, *strings(*tables)]


def setup_scripts() -> list[str]:
    return cases("setup.py")


def notebooks() -> list[str]:
    """Return the programs as notebooks, written in several ways."""
    made = []
    for number, program in enumerate(programs()):
        lines: str | list[str] = program.splitlines(keepends=True) if number % 2 else program
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": lines}
        magic = {"cell_type": "code", "source": ["%matplotlib inline\n", "!ls {x}"]}
        document = {"cells": [magic, cell] if number % 3 else [cell], "nbformat": 4}
        made.append(json.dumps(document, indent=number % 2 or None))
    return made


def commented() -> Iterator[bytes]:
    """Yield texts with suppressions, behind a byte that chooses their language."""
    comments = [
        *("# noqa", "# noqa: NLP101", "# noqa: NLP101, E501", "# nolibpy: ignore[NLP101] why"),
        *("# nolibpy: ignore", "# nolibpy: ignore-file[NLP2]", "# flake8: noqa: NLP101"),
    ]
    load = 'import ctypes\napi = ctypes.PyDLL("libpython3.11.so")  {}\napi.PyErr_Clear()\n'
    link = "cc -shared -o m.abi3.so m.c -lpython3.11  {}\n"
    several = (
        'import ctypes\n{}\nx = """ # noqa """\nctypes.PyDLL(\n    "libpython3.11.so",  {}\n)\n'
    )
    for comment in comments:
        yield b"\0" + load.format(comment).encode()
        yield b"\0" + several.format(comment, comment).encode()
        yield b"\7" + link.format(comment).encode()
        yield b"\2" + texts.BUILD_RS.replace("}\n", f"}} {comment}\n").replace("#", "//").encode()
        yield b"\3" + f"add_library(m MODULE a.c)\n{comment}\n".encode()


TABLES = [
    '[tool.nolibpy]\nselect = ["NLP1"]\nignore = ["NLP102"]\nextend-select = ["NLP9"]\n',
    '[tool.nolibpy]\nexclude = ["a/*.py", "!b"]\nforce-exclude = true\njobs = 2\n',
    '[tool.nolibpy.per-file-ignores]\n"a/*" = ["NLP101"]\n"**/c.py" = ["NLP"]\n',
    '[tool.nolibpy]\noutput-format = "json"\nbaseline = "b.json"\nunsafe-fixes = false\n',
    "[tool.nolibpy]\nexit-zero = true\nstatistics = true\nrespect-gitignore = false\n",
    '[tool]\nnolibpy = {select = ["NLP101"], jobs = 0}\n',
]
MANIFESTS = [
    texts.CDYLIB,
    test_automake_cargo.CARGO,
    texts.CDYLIB.replace('pyo3 = "0.22"', 'pyo3.version = "0.22"\npyo3.features = ["abi3"]'),
    "[lib]\ncrate_type = ['rlib', 'cdylib']\n[dependencies.pyo3]\nversion = '1'\n",
]
TOML_WORDS = [
    *("[", "]", "[[", "]]", "{", "}", "=", ",", ".", '"', "'", '"""', "'''", "\\", "\n", "#", "\r\n"),
    *("tool", "nolibpy", "select", "true", "1", "-0x1", "1e5", "nan", "1979-05-27", "\\u00e9", "é"),
    *("libraries", "extra-link-args", '"-lpython3.11"', '"python3.11"', "ext-modules", "**/", "[!a"),
]  # fmt: skip
PYTHON_WORDS = [
    *test_fuzz_python_syntax.PIECES,
    *("ctypes", "PyDLL", "CDLL", "cdll", "LoadLibrary", '"libpython3.11.so"', "import ", "from "),
    *("if ", "else:\n", "for x in ", "while ", "try:\n", "except OSError:\n", "def f(a=", "return "),
    *("class A(", "lambda x: ", "yield ", "await ", "async ", "with ", "global x\n", "del x\n", "\n "),
    *("f'{", "rb'", '"""', "'''", "\\\n", "\\", "\f", "\r", "# noqa: NLP101", "*a, **k", ":=", "@d\n"),
    *("match x:\n case ", "sys.version_info", "os.path.join(", ".format(", " % ", "getattr(", "é"),
    *("Extension(", "libraries=", "extra_link_args=", "setup(", "cffi", "set_source(", "sysconfig"),
    *(".append(", ".extend(", " += ", '"-lpython3.11"', "get_config_var('LDLIBRARY')", "[::-1]"),
]  # fmt: skip
NOTEBOOK_WORDS = [
    *('"', "\\n", "\\u0041", "\\ud83d\\ude00", "\\", "{", "}", "[", "]", ",", ":", "null", "%%bash\\n"),
    *("%time ", "!ls\\n", "?", '"cell_type": "code"', '"source": ', '"cells": [', "\\t", "\r\n", "é"),
]  # fmt: skip
COMMENT_WORDS = [
    *("# noqa", "# noqa: NLP101", "# nolibpy: ignore", "[NLP101]", "-file", "# flake8: noqa", "#", "//"),
    *(",", "\n", "\r", "\\\n", "'", '"', '"""', "(", ")", "[[", "]]", "/*", "*/", "NLP", "NLP9", "E501"),
]  # fmt: skip
MAKE_WORDS = test_fuzz_make_shell.PIECES
ZIP_WORDS = [b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\7\x08", b"\1\0\x10\0"]
ZIP_WORDS += [
    b"RECORD",
    b"../",
    b"/",
    b"\0",
    b"\xff" * 4,
    b"sha256=",
    b".jws",
    b"\x08\0",
    b"\x0e\0",
]
TAR_WORDS = [
    b"ustar",
    b"././@LongLink",
    b"pax",
    b"11 path=a\n",
    b"7777777",
    b"\x80",
    b"../",
    b"\0" * 512,
]
TAR_WORDS += [b"GNU.sparse.map", b"0", b"5", b"L", b"K", b"x", b"g", b"S", b"-1"]


def elves() -> Iterator[bytes]:
    """Yield small shared objects of every class and byte order, and some that are odd."""
    for bits, order in LAYOUTS:
        yield made_elf(
            bits, order, needed=["libm.so.6", LIBRARY], soname="_x.so", runpath="$ORIGIN"
        )
        yield made_elf(bits, order, needed=[LIBRARY])
        versions = [(0x6FFFFFFE, 0x10000), (0x6FFFFFFF, 1)]
        yield made_elf(bits, order, needed=[LIBRARY], more=versions)
        yield made_elf(bits, order, needed=[LIBRARY], more=[(0x6FFFFEF5, 0x10100)])
        yield made_elf(bits, order, needed=[], dynamic_shift=16)


def images() -> Iterator[bytes]:
    """Yield Mach-O images, thin and fat."""
    for bits, order in LAYOUTS:
        yield image(bits, order, ["/usr/lib/libSystem.B.dylib", FRAMEWORK], rpath="@loader_path/x")
        yield image(bits, order, [], kind=6, soname="@rpath/libpython3.11.dylib")
    whole = fat(image(64, "<", [FRAMEWORK]), image(32, ">", []))
    near = bytearray(whole[:48] + whole[4096 : 4096 + 700])  # the images right behind the table
    near[16:20], near[20:24] = (48).to_bytes(4, "big"), (700).to_bytes(4, "big")
    yield bytes(near[:4]) + (1).to_bytes(4, "big") + bytes(near[8:])


def members() -> dict[str, bytes]:
    module = made_elf(64, "<", needed=[LIBRARY])
    return {
        "pkg/_x.abi3.so": module,
        "pkg/a.py": b"x = 1\n",
        "spam.libs/libi.so": made_elf(32, ">", needed=[LIBRARY], soname="libi.so"),
        "pkg/_y.abi3.so": made_elf(64, ">", needed=["libi.so"]),
    }


def wheels() -> Iterator[bytes]:
    """Yield wheels packed in several ways."""
    for number, method in enumerate((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA)):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", method) as archived:
            for name, data in members().items():
                info = zipfile.ZipInfo(name)
                info.compress_type = method
                archived.writestr(info, data)
            rows = "pkg/_x.abi3.so,sha512=x,5\r\nspam-1.0.dist-info/RECORD,,\r\n"
            archived.writestr(zipfile.ZipInfo("spam-1.0.dist-info/RECORD"), rows)
            if number:
                archived.writestr(zipfile.ZipInfo("spam-1.0.dist-info/RECORD.jws"), "{}")
        yield made.getvalue()
    small = io.BytesIO()
    with zipfile.ZipFile(small, "w") as archived:
        archived.writestr(zipfile.ZipInfo("_x.abi3.so"), made_elf(64, "<", needed=[LIBRARY]))
        archived.writestr(zipfile.ZipInfo("a-1.dist-info/RECORD"), "")
    yield small.getvalue()
    with_comment = io.BytesIO(b"#!/bin/sh\n")
    with_comment.seek(0, 2)
    with zipfile.ZipFile(with_comment, "a") as archived:
        archived.comment = b"x"
        archived.writestr(zipfile.ZipInfo("_x.abi3.so"), made_elf(32, "<", needed=[LIBRARY]))
        archived.writestr(zipfile.ZipInfo("a-1.dist-info/RECORD"), "_x.abi3.so,,\n")
    yield with_comment.getvalue()


def tars() -> Iterator[bytes]:
    """Yield tar archives, behind a byte that chooses their compression."""
    made = tar({"spam/_x.abi3.so": made_elf(64, "<", needed=[LIBRARY])})[:2560] + bytes(1024)
    long = tar({"spam/" + "x" * 120 + "/_x.abi3.so": made_elf(32, "<", needed=[LIBRARY])})
    for choice in (b"\0", b"\x60", b"\xff"):
        yield choice + made
        yield choice + long[:3584] + bytes(500)


def streams() -> Iterator[bytes]:
    """Yield compressed archives as they stand in a file."""
    for one in tars():
        yield gzip.compress(one[1:], mtime=0)
        yield bz2.compress(one[1:])
        yield binaries.conda(one[1:])


def caches() -> Iterator[bytes]:
    """Yield small caches of the loader, alone and behind the table of an older one."""
    strings_ = b"libpython3.11.so.1.0\0/usr/lib/libpython3.11.so.1.0\0"
    entry = (3).to_bytes(4, "little") + (72).to_bytes(4, "little") + (93).to_bytes(4, "little")
    head = b"glibc-ld.so.cache1.1" + (1).to_bytes(4, "little") + (48).to_bytes(4, "little")
    made = head + bytes(20) + entry + bytes(12) + strings_
    yield made
    yield b"ld.so-1.7.0\0\0\0\0\0" + made


TARGETS: dict[str, Target] = {
    "cmake": Target(
        texts.text("CMakeLists.txt", texts.cmake_spans),
        build("CMakeLists.txt", test_cmake.REPORTED, test_cmake.SILENT, test_cmake_fixes.SAFE),
        test_fuzz_cmake_meson.CMAKE_PIECES,
    ),
    "meson": Target(
        texts.text("meson.build", texts.meson_spans),
        build("meson.build", test_meson.REPORTED, test_meson.SILENT, test_meson.REWRITTEN),
        test_fuzz_cmake_meson.MESON_PIECES,
    ),
    "make": Target(
        texts.text("Makefile", texts.make_spans),
        build("Makefile", test_make.FOUND, test_make.SILENT),
        MAKE_WORDS,
    ),
    "automake": Target(
        texts.text("Makefile.am", texts.automake_spans),
        build("Makefile.am", test_automake_cargo.AUTOMAKE, texts.MAKEFILE_AM),
        MAKE_WORDS,
    ),
    "autoconf": Target(
        texts.beside("configure.ac", "Makefile.am", texts.MAKEFILE_AM),
        lambda: strings(texts.CONFIGURE, test_automake_cargo.AUTOMAKE),
        [*MAKE_WORDS, "AC_SUBST([", "AX_PYTHON_DEVEL", "PYTHON_EMBED_LIBS", "PKG_CHECK_MODULES("],
    ),
    "shell": Target(
        texts.text("build.sh", texts.shell_spans),
        build("build.sh", test_shell.FOUND, test_shell.SILENT),
        MAKE_WORDS,
    ),
    "dockerfile": Target(
        texts.text("Dockerfile", texts.docker_spans),
        build("Dockerfile", test_shell.DOCKER, test_shell.DOCKER_SILENT),
        MAKE_WORDS,
    ),
    "rust": Target(
        texts.text("build.rs", texts.rust_spans),
        build("build.rs", test_automake_cargo.RUST, texts.BUILD_RS),
        MAKE_WORDS,
    ),
    "cargo": Target(
        texts.beside("Cargo.toml", "build.rs", texts.BUILD_RS),
        lambda: strings(MANIFESTS, test_automake_cargo.MANIFESTS_SILENT),
        [*TOML_WORDS, "[lib]", "crate-type", '"cdylib"', "pyo3", "[dependencies]", "features"],
    ),
    "setup_cfg": Target(
        texts.text("setup.cfg"),
        build("setup.cfg", test_setup_cfg.REWRITES, test_setup_cfg.SILENT),
        ["[build_ext]", "libraries", "=", ":", "\n", "\n ", ";", "#", "python3.11", ",", "\r", "%(a)s"],
    ),
    "pyproject": Target(
        texts.toml, lambda: [*cases("pyproject.toml"), *TABLES], TOML_WORDS
    ),
    "configuration": Target(texts.configuration, lambda: TABLES, TOML_WORDS),
    "python": Target(texts.text("a.py"), programs, PYTHON_WORDS, rounds=20),
    "setup_py": Target(texts.text("setup.py"), setup_scripts, PYTHON_WORDS, rounds=20),
    "scons": Target(
        texts.text("SConstruct"), lambda: cases("SConstruct"), PYTHON_WORDS, rounds=30
    ),
    "bazel": Target(
        texts.text("BUILD.bazel"), lambda: cases("BUILD.bazel"), PYTHON_WORDS, rounds=30
    ),
    "cython": Target(
        texts.text("m.pyx"),
        lambda: [*cases("mod.pyx"), "# distutils: libraries = python3.11 m\n", "#cython: a=b\n"],
        [*COMMENT_WORDS, "# distutils: ", "libraries", "=", "[", '"python3.11"', "extra_link_args"],
    ),
    "notebook": Target(texts.notebook, notebooks, NOTEBOOK_WORDS, rounds=20),
    "suppressions": Target(texts.suppressions, commented, COMMENT_WORDS),
    "elf": Target(binaries.elf, elves, [b"libpython3.12.so.1.0\0", b"PyInit_x\0"], rounds=400),
    "macho": Target(binaries.binary, images, [FRAMEWORK.encode(), b"_PyInit_x\0"], rounds=400),
    "zip": Target(binaries.zipped, wheels, ZIP_WORDS, rounds=60, mend=with_crcs),
    "tar": Target(binaries.tar, tars, TAR_WORDS, rounds=60, mend=with_tar_checksums),
    "stream": Target(binaries.stream, streams, rounds=60),
    "loader_cache": Target(binaries.loader_cache, caches, [b"glibc-ld.so.cache1.1"], rounds=400),
}  # fmt: skip
