"""``Makefile.am`` and ``build.rs``, with the file beside them that says what is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.buildsystems.rust import lexer as rust_lexer
from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import fixed, found, reported

Case = tuple[str, list[tuple[str, str]], str | None]

AUTOMAKE: dict[str, Case] = {
    "a module in Python's folder": (
        (
            "pyexec_LTLIBRARIES = _x.la\n_x_la_SOURCES = x.c\n_x_la_LDFLAGS = -module -avoid-version\n"
            "_x_la_LIBADD = libx.la -lpython3.11\n"
        ),
        [("NLP201", "-lpython3.11")],
        (
            "pyexec_LTLIBRARIES = _x.la\n_x_la_SOURCES = x.c\n_x_la_LDFLAGS = -module -avoid-version\n"
            "_x_la_LIBADD = libx.la\n"
        ),
    ),
    "a module in the package's folder": (
        "pkgpyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_EMBED_LIBS) -lm\n",
        [("NLP202", "$(PYTHON_EMBED_LIBS)")],
        None,
    ),
    "a folder of one's own": (
        "fooexecdir = $(pyexecdir)/foo\nfooexec_LTLIBRARIES = x.la\nx_la_LIBADD = @PYTHON_EMBED_LIBS@\n",
        [("NLP202", "@PYTHON_EMBED_LIBS@")],
        None,
    ),
    "the symbol that is exported": (
        "plugin_LTLIBRARIES = x.la\nx_la_LDFLAGS = -module -export-symbols-regex PyInit_x -lpython3.11\n",
        [("NLP201", "-lpython3.11")],
        "plugin_LTLIBRARIES = x.la\nx_la_LDFLAGS = -module -export-symbols-regex PyInit_x\n",
    ),
    "flags for all": (
        "AM_LDFLAGS = -lm -lpython3.11\npyexec_LTLIBRARIES = x.la\n",
        [("NLP201", "-lpython3.11")],
        "AM_LDFLAGS = -lm\npyexec_LTLIBRARIES = x.la\n",
    ),
    "flags for all, a program too": (
        "AM_LDFLAGS = -lm -lpython3.11\npyexec_LTLIBRARIES = x.la\nbin_PROGRAMS = main\n",
        [("NLP201", "-lpython3.11")],
        None,
    ),
    "in a conditional": (
        "if WITH_PYTHON\npyexec_LTLIBRARIES = x.la\nx_la_LIBADD = -lm \\\n\t-lpython3.11\nendif\n",
        [("NLP201", "-lpython3.11")],
        "if WITH_PYTHON\npyexec_LTLIBRARIES = x.la\nx_la_LIBADD = -lm\nendif WITH_PYTHON\n".replace(
            "endif WITH_PYTHON", "endif"
        ),
    ),
    "a rule of one's own": (
        "x$(EXT_SUFFIX): x.o\n\t$(CC) -shared -o $@ $< -lpython3.11\n",
        [("NLP201", "-lpython3.11")],
        "x$(EXT_SUFFIX): x.o\n\t$(CC) -shared -o $@ $<\n",
    ),
}
AUTOMAKE_SILENT = {
    "a plug-in of a host": "module_LTLIBRARIES = libpython.la\nlibpython_la_LIBADD = $(PYTHON_EMBED_LIBS) -lpython3.11\n",
    "a program": "bin_PROGRAMS = x\nx_LDADD = -lpython3.11 $(PYTHON_EMBED_LIBS)\n",
    "a library": "lib_LTLIBRARIES = libx.la\nlibx_la_LIBADD = -lpython3.11\n",
    "Windows": "pyexec_LTLIBRARIES = x.la\nif OS_WIN32\nx_la_LIBADD = -lpython3.11\nelse\nx_la_LIBADD = -lm\nendif\n",
    "not Windows": "pyexec_LTLIBRARIES = x.la\nif !OS_WIN32\nx_la_LIBADD = -lm\nelse !OS_WIN32\nx_la_LIBADD = -lpython3.11\nendif !OS_WIN32\n",
    "what configure says is not known": "pyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
    "headers": "pyexec_LTLIBRARIES = x.la\nx_la_CPPFLAGS = $(PYTHON_CPPFLAGS) -lpython3.11\n",
}

CARGO = """\
[package]
name = "x"
[lib]
crate-type = ["cdylib"]
[dependencies]
pyo3 = { version = "0.22", features = ["extension-module"] }
"""
LINE = '    println!("cargo:rustc-link-lib=python3.11");\n'

RUST: dict[str, Case] = {
    "a library": (
        f'fn main() {{\n    println!("cargo:rerun-if-changed=x");\n{LINE}}}\n',
        [("NLP201", "python3.11")],
        'fn main() {\n    println!("cargo:rerun-if-changed=x");\n}\n',
    ),
    "a kind of library": (
        'fn main() { println!("cargo::rustc-link-lib=dylib=python3.11"); run(); }\n',
        [("NLP201", "python3.11")],
        "fn main() { run(); }\n",
    ),
    "a linker's argument": (
        'fn main() {\n    println!("cargo:rustc-cdylib-link-arg=-lpython3.11");\n}\n',
        [("NLP201", "-lpython3.11")],
        "fn main() {\n}\n",
    ),
    "a version that is computed": (
        'fn main() {\n    println!("cargo:rustc-link-lib=python3.{}", minor());\n    x();\n}\n',
        [("NLP201", "python3.{}")],
        "fn main() {\n    x();\n}\n",
    ),
    "a branch for Linux": (
        'fn main() {\n    if cfg!(target_os = "linux") {\n    ' + LINE + "    }\n}\n",
        [("NLP201", "python3.11")],
        'fn main() {\n    if cfg!(target_os = "linux") {\n    }\n}\n',
    ),
    "a branch that is not for Windows": (
        "fn main() {\n    if !cfg!(windows) {\n    " + LINE + "    }\n}\n",
        [("NLP201", "python3.11")],
        "fn main() {\n    if !cfg!(windows) {\n    }\n}\n",
    ),
    "a statement with an attribute": (
        "fn main() {\n    #[cfg(unix)]\n" + LINE + "}\n",
        [("NLP201", "python3.11")],
        None,
    ),
}
RUST_SILENT = {
    "Windows": "fn main() {\n    if cfg!(windows) {\n    " + LINE + "    }\n}\n",
    "Windows by an attribute": 'fn main() {\n    #[cfg(target_os = "windows")]\n' + LINE + "}\n",
    "Windows by a function": "#[cfg(windows)]\nfn link() {\n" + LINE + "}\nfn main() {}\n",
    "the other branch": "fn main() {\n    if !cfg!(windows) {\n        x();\n    } else {\n    "
    + LINE
    + "    }\n}\n",
    "an environment variable": 'fn main() {\n    if std::env::var("CARGO_CFG_TARGET_OS").unwrap() == "windows" {\n    '
    + LINE
    + "    }\n}\n",
    "an arm of a match": 'fn main() {\n    match os {\n        "windows" => println!("cargo:rustc-link-lib=python3.11"),\n        _ => {}\n    }\n}\n',
    "the import library": 'fn main() {\n    println!("cargo:rustc-link-lib=python311");\n}\n',
    "a search path": 'fn main() {\n    println!("cargo:rustc-link-search=/usr/lib/python3.11");\n}\n',
    "a comment": 'fn main() {\n    // println!("cargo:rustc-link-lib=python3.11");\n    /* /* x */'
    + LINE
    + " */\n}\n",
    "a string": 'fn main() {\n    let x = r#"println!("cargo:rustc-link-lib=python3.11");"#;\n}\n',
}
MANIFESTS_SILENT = {
    "a program beside it": CARGO + '[[bin]]\nname = "y"\n',
    "an embedding feature": CARGO.replace("extension-module", "auto-initialize"),
    "a plain library": CARGO.replace("cdylib", "rlib"),
    "no PyO3": CARGO.replace("pyo3", "libc").replace("extension-module", "std"),
    "Tauri": CARGO + 'tauri = "2"\n',
    "no manifest": "",
    "a broken manifest": CARGO + "x = [",
}


@pytest.mark.parametrize(("before", "expected", "after"), AUTOMAKE.values(), ids=AUTOMAKE)
def test_a_module_of_automake_is_told_from_a_plugin(
    before: str, expected: list[tuple[str, str]], after: str | None
) -> None:
    assert reported(before, "Makefile.am") == expected
    assert fixed(before, "Makefile.am") == (before if after is None else after)


@pytest.mark.parametrize("text", AUTOMAKE_SILENT.values(), ids=AUTOMAKE_SILENT)
def test_what_automake_may_link_is_silent(text: str) -> None:
    assert reported(text, "Makefile.am") == []


@pytest.mark.parametrize(
    ("configure", "codes"),
    [
        ("PKG_CHECK_MODULES([PYTHON], [python3-embed >= 3.8])\n", ["NLP202"]),
        ("PKG_CHECK_MODULES(PYTHON, python3)\n", []),
        ("dnl PKG_CHECK_MODULES([PYTHON], [python3-embed])\n", []),
        ("AX_PYTHON_DEVEL([>= '3.6'])\n", ["NLP202"]),
        ("AM_PATH_PYTHON([3.8])\n", []),
        ('PYTHON_LIBS="-L/usr/lib -lpython3.11"\nAC_SUBST(PYTHON_LIBS)\n', ["NLP202"]),
        ("PYTHON_LIBS=`$PYTHON-config --ldflags --embed`\n", ["NLP202"]),
        ("PYTHON_LIBS=`$PYTHON-config --ldflags`\n", []),
    ],
)
def test_what_configure_finds_is_looked_up(
    tmp_path: Path, configure: str, codes: list[str]
) -> None:
    (tmp_path / "configure.ac").write_text(configure)
    (tmp_path / "src").mkdir()
    makefile = tmp_path / "src" / "Makefile.am"
    makefile.write_text("pyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n")
    findings = api.check_bytes(makefile.read_bytes(), str(makefile))
    assert [finding.code for finding in findings] == codes
    assert all(finding.fix is None for finding in findings)
    file = tmp_path / "configure.ac"
    assert api.check_bytes(file.read_bytes(), str(file)) == []


def _package(folder: Path, manifest: str, text: str) -> str:
    if manifest:
        (folder / "Cargo.toml").write_text(manifest)
    path = folder / "build.rs"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(("before", "expected", "after"), RUST.values(), ids=RUST)
def test_a_line_for_cargo_is_found_and_deleted(
    tmp_path: Path, before: str, expected: list[tuple[str, str]], after: str | None
) -> None:
    name = _package(tmp_path, CARGO, before)
    assert reported(before, name) == expected
    assert fixed(before, name) == (before if after is None else after)


@pytest.mark.parametrize("text", RUST_SILENT.values(), ids=RUST_SILENT)
def test_what_rust_may_link_is_silent(tmp_path: Path, text: str) -> None:
    assert reported(text, _package(tmp_path, CARGO, text)) == []


@pytest.mark.parametrize("manifest", MANIFESTS_SILENT.values(), ids=MANIFESTS_SILENT)
def test_a_package_that_is_no_extension_module_is_silent(tmp_path: Path, manifest: str) -> None:
    text = f"fn main() {{\n{LINE}}}\n"
    assert reported(text, _package(tmp_path, manifest, text)) == []


def test_a_package_with_a_program_is_silent(tmp_path: Path) -> None:
    text = f"fn main() {{\n{LINE}}}\n"
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.rs").write_text("fn main() {}\n")
    assert reported(text, _package(tmp_path, CARGO, text)) == []


@pytest.mark.parametrize(
    "comment", ["// nolibpy: ignore[NLP201] why", "// noqa: NLP201", "//nolibpy:ignore"]
)
def test_comments_of_rust_suppress(tmp_path: Path, comment: str) -> None:
    text = f"fn main() {{\n{LINE.rstrip()} {comment}\n}}\n"
    assert found(text, _package(tmp_path, CARGO, text)) == []


def test_what_is_not_rust_is_unreadable(tmp_path: Path) -> None:
    text = 'fn main() { println!("cargo:rustc-link-lib=python3.11); }\n'
    (finding,) = found(text, _package(tmp_path, CARGO, text))
    assert finding.code == "NLP900"


def test_tokens_of_rust_are_the_text() -> None:
    text = (
        "fn f<'a>(x: &'a str) -> char { '\\'' /* a /* b */ c */; b'x'; r##\"a\"#b\"##; 1.5e3 } // é"
    )
    assert "".join(token.text for token in rust_lexer.tokens(text)) == text
