"""Every reader: a fix leaves all other bytes of a file as they were, whatever form they have.

Which forms CMake, make and the shells take was tried with CMake 3.25, GNU make 4.3, bash and dash:
a lone carriage return in a comment does not end it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import CARGO

LINK = b"cc -shared -o m.abi3.so m.c -lpython3.11 -lm"
FILES = {
    "build.sh": b"#!/bin/sh\n# c\n\tset -e\n" + LINK + b" # c\necho x\n",
    "Makefile": b"# c\nX = 1\nm.abi3.so: m.c\n\t" + LINK + b" # c\n\t@true\n",
    "Makefile.am": b"# c\npyexec_LTLIBRARIES = x.la\nx_la_LIBADD = -lm\t-lpython3.11 -lz\n# c\n",
    "Dockerfile": b"FROM x\n# c\nRUN " + LINK + b"\n# c\n",
    "BUILD": b'# c\npybind_extension(\n    name = "m",\n    linkopts = ["-lpython3.11", "-lm"],  # c\n)\n',
    "CMakeLists.txt": b"# c\nfind_package(Python3 COMPONENTS Development)\n"
    b'add_library(m MODULE m.c)\nset_target_properties(m PROPERTIES PREFIX "")\t# c\n'
    b"target_link_libraries(m PRIVATE -lpython3.11 -lm)\n# c\n",
    "setup.py": b"# c\nfrom setuptools import Extension, setup\n\nsetup(ext_modules=[\n"
    b"\tExtension('x', ['x.c'], libraries=['python3.11', 'm']),  # c\n])\n# c\n",
    "setup.cfg": b"# c\n[build_ext]\nlibraries = m python3.11 z\n# c\n[other]\na =\tb\n",
    "pyproject.toml": b"# c\n[[tool.setuptools.ext-modules]]\nname = 'x'\t# c\n"
    b"libraries = ['m', 'python3.11']\n# c\n",
    "m.pyx": b"# distutils: libraries = m python3.11 z\n# c\ndef f():\n\treturn 1\n",
    "meson.build": b"project('x', 'c')\n# c\npy = import('python').find_installation()\n"
    b"py.extension_module('m', 'm.c',\n\tlink_args: ['-lm', '-lpython3.11'])  # c\n",
    "SConstruct": b"# c\nenv = Environment()\nenv.LoadableModule('m', ['m.c'], "
    b"LIBS=['m', 'python3.11'], SHLIBPREFIX='', SHLIBSUFFIX='.abi3.so')\t# c\n",
    "wscript": b"# c\ndef build(bld):\n\tbld(features='c cshlib pyext pyembed', target='x')  # c\n",
    "build.rs": b'// c\nfn main() {\n    println!("cargo:rustc-link-lib=python3.11");\n    y(); // c\n}\n',
}
#: Readers of bytes, whose tools do not mind what is in a comment.
BYTEWISE = frozenset(
    {"build.sh", "Makefile", "Makefile.am", "Dockerfile", "BUILD", "CMakeLists.txt"}
)


def _comment(data: bytes, comment: bytes) -> bytes:
    return data.replace(b"# c", b"# " + comment).replace(b"// c", b"// " + comment)


Form = Callable[[bytes], bytes]
FORMS: dict[str, Form] = {
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "two lines with CRLF": lambda data: data.replace(b"\n", b"\r\n", 2),
    "a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "no newline at the end": lambda data: data.rstrip(b"\n"),
    "trailing blanks": lambda data: _comment(data, b"c  \t"),
    "UTF-8": lambda data: _comment(data, "été → ∞ \u2028d".encode()),
}
#: Not for TOML, which forbids control characters.
CONTROLS: dict[str, Form] = {
    "form feeds": lambda data: _comment(data, b"c\x0c"),
    "vertical tabs": lambda data: _comment(data, b"c\x0b\xc2\x85"),
}
BYTES: dict[str, Form] = {
    "latin-1": lambda data: _comment(data, b"\xe9t\xe9 \xff"),
    "half a pair of surrogates": lambda data: _comment(data, b"\xed\xa0\x80"),
}


def _forms(name: str) -> dict[str, Form]:
    controls = {} if name.endswith(".toml") else CONTROLS
    return {**FORMS, **controls, **(BYTES if name in BYTEWISE else {})}


@pytest.mark.parametrize(
    ("name", "form"), [(name, form) for name in FILES for form in _forms(name)]
)
def test_a_fix_leaves_all_other_bytes(tmp_path: Path, name: str, form: str) -> None:
    (tmp_path / "Cargo.toml").write_bytes(CARGO.encode())
    path, data, change = str(tmp_path / name), FILES[name], _forms(name)[form]
    found = [finding.code for finding in api.check_bytes(data, path)]
    fixed = api.fix_bytes(data, path, unsafe=True).data
    assert len(found) == 1
    assert fixed != data
    assert change(data) != data
    assert [finding.code for finding in api.check_bytes(change(data), path)] == found
    assert api.fix_bytes(change(data), path, unsafe=True).data == change(fixed)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("CMakeLists.txt", b"# python c\rx y\nadd_library(m MODULE m.c)\n"),
        (
            "CMakeLists.txt",
            b"# c\rtarget_link_libraries(m Python3::Python)\nadd_library(m MODULE m.c)\n",
        ),
        ("Makefile", b"# c\rm.abi3.so: m.c\n\t" + LINK + b"\n"),
        ("Makefile.am", b"pyexec_LTLIBRARIES = x.la\n# c\rx_la_LIBADD = -lpython3.11\n"),
        ("build.sh", b"#!/bin/sh\n# c\r" + LINK + b"\n"),
        ("Dockerfile", b"FROM x\n# c\rRUN " + LINK + b"\n"),
    ],
)
def test_a_comment_goes_on_behind_a_lone_carriage_return(name: str, data: bytes) -> None:
    assert api.check_bytes(data, name) == []


@pytest.mark.parametrize("name", FILES)
def test_the_command_keeps_the_mode_of_a_file(tmp_path: Path, name: str) -> None:
    from no_libpython_dlopen.__main__ import main

    (tmp_path / "Cargo.toml").write_bytes(CARGO.encode())
    file = tmp_path / name
    file.write_bytes(FILES[name])
    file.chmod(0o754)
    main(["fix", "--isolated", "--unsafe-fixes", "--quiet", str(file)])
    assert (
        file.read_bytes() == api.fix_bytes(FILES[name], str(file), unsafe=True).data != FILES[name]
    )
    assert file.stat().st_mode & 0o7777 == 0o754


@pytest.mark.parametrize("name", FILES)
def test_what_no_tool_reads_gets_one_clear_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "Cargo.toml").write_text(CARGO)
    path = str(tmp_path / name)
    text = FILES[name].decode()
    for encoding in ("utf-16", "utf-16-be"):
        mark = b"" if encoding == "utf-16" else b"\xfe\xff"
        findings = api.check_bytes(mark + text.encode(encoding), path)
        assert [(each.code, each.message) for each in findings] == [
            ("NLP900", "not utf-8 text: it is in UTF-16")
        ]
    latin = [each.code for each in api.check_bytes(_comment(FILES[name], b"\xe9"), path)]
    assert latin == ["NLP900"] if name not in BYTEWISE else "NLP900" not in latin


def test_other_text_in_utf_16_is_silent() -> None:
    for name in FILES:
        if name != "setup.py":  # Python itself refuses it
            assert not api.check_bytes("# nothing of ours\n".encode("utf-16"), name)
