"""``Makefile.am`` and ``build.rs``, with the file beside them that says what is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.buildsystems.rust import lexer as rust_lexer
from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import CARGO, fixed, found, reported

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
        "pkgpyexec_LTLIBRARIES = x.la\nx_la_LIBADD = -lm\n",
    ),
    "a folder of one's own": (
        "fooexecdir = $(pyexecdir)/foo\nfooexec_LTLIBRARIES = x.la\nx_la_LIBADD = @PYTHON_EMBED_LIBS@\n",
        [("NLP202", "@PYTHON_EMBED_LIBS@")],
        "fooexecdir = $(pyexecdir)/foo\nfooexec_LTLIBRARIES = x.la\nx_la_LIBADD =\n",
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
    "a whole version that is computed": (
        'fn main() {\n    println!("cargo:rustc-link-lib=python{}", v);\n    x();\n}\n',
        [("NLP201", "python{}")],
        "fn main() {\n    x();\n}\n",
    ),
    "a version by its name": (
        'fn main() {\n    println!("cargo:rustc-link-lib=dylib=python{version}");\n    x();\n}\n',
        [("NLP201", "python{version}")],
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
    "another library": 'fn main() {\n    println!("cargo:rustc-link-lib=pythonqt{}", v);\n}\n',
    "the end of another name": 'fn main() {\n    println!("cargo:rustc-link-lib=boost_python{}", v);\n}\n',
    "a computed version on Windows": (
        'fn main() {\n    if cfg!(windows) {\n        println!("cargo:rustc-link-lib=python{}", v);\n    }\n}\n'
    ),
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
        ("PKG_CHECK_MODULES(PYTHON, $PYNAME-embed, [], [])\n", ["NLP202"]),
        ('PKG_CHECK_MODULES([PYTHON], [python-"$V"], [])\n', []),
        ("AX_PYTHON_DEVEL([>= '3.6'])\n", ["NLP202"]),
        ("AC_PYTHON_DEVEL\n", ["NLP202"]),
        ("MY_PYTHON_DEVEL_CHECK\n", []),
        ('AX_PYTHON_DEVEL\nPYTHON_LIBS="$PYTHON_LIBS -lm"\n', ["NLP202"]),
        ("X=`$PYTHON -c 'print(get_config_var(\"LDLIBRARY\"))'`\n", []),
        ("PYTHON_LIBS=`$PYTHON -c 'print(get_config_var(\"BLDLIBRARY\"))'`\n", ["NLP202"]),
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
    assert all(finding.fix.applicability.value == "unsafe" for finding in findings if finding.fix)
    assert all(finding.fix for finding in findings)
    file = tmp_path / "configure.ac"
    assert api.check_bytes(file.read_bytes(), str(file)) == []


DEVEL = """\
AC_DEFUN([AX_PYTHON_DEVEL],[
if test -z "$PYTHON_{what}"; then
  PYTHON_{what}="-L$ac_python_libdir -l$ac_python_library"
fi
AC_SUBST([PYTHON_{what}])
PYTHON_SITE_PKG=`$PYTHON -c "print(get_path('purelib'))"`
])
"""
CYTHON = "AC_DEFUN([CYTHON_PYTHON],[\n AC_REQUIRE([AX_PYTHON_DEVEL])\n])\n"
#: What configure.ac says, the project's m4, the Makefile.am, and what is marked there.
PROJECTS: dict[str, tuple[str, dict[str, str], str, list[str]]] = {
    "a macro of the project that calls the known one": (
        "CYTHON_PYTHON\n",
        {"m4/cython.m4": CYTHON},
        "xdir = $(pyexecdir)\nx_LTLIBRARIES = x.la\nx_la_LDFLAGS = -module $(PYTHON_LIBS)\n",
        ["$(PYTHON_LIBS)"],
    ),
    "a macro that is not called": (
        "AM_PATH_PYTHON\n",
        {"m4/cython.m4": CYTHON},
        "pyexec_LTLIBRARIES = x.la\nx_la_LDFLAGS = -module $(PYTHON_LIBS)\n",
        [],
    ),
    "a file of m4 without a macro": (
        "AX_PYTHON_DEVEL\n",
        {"m4/x.m4": "dnl PYTHON\nm4_define([PYTHON], [3])\n", "m4/y.m4": ""},
        "pyexec_LTLIBRARIES = x.la\nx_la_LDFLAGS = -module $(PYTHON_LIBS)\n",
        ["$(PYTHON_LIBS)"],
    ),
    "an old serial of the known one": (
        "AX_PYTHON_DEVEL\n",
        {"m4/ax.m4": DEVEL.format(what="LDFLAGS")},
        "pyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LDFLAGS) $(PYTHON_LIBS)\n",
        ["$(PYTHON_LDFLAGS)"],
    ),
    "a folder of macros that configure.ac names": (
        "AC_CONFIG_MACRO_DIRS([config/m4])\nAX_PYTHON_DEVEL\n",
        {"config/m4/ax.m4": DEVEL.format(what="LDFLAGS")},
        "pyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LDFLAGS)\n",
        ["$(PYTHON_LDFLAGS)"],
    ),
    "a macro of that name that links nothing": (
        "AX_PYTHON_DEVEL\n",
        {"acinclude.m4": "AC_DEFUN([AX_PYTHON_DEVEL],[\nPYTHON_LIBS=\n])\n"},
        "pyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
        [],
    ),
    "a variable made from another, and a folder too": (
        'AX_PYTHON_DEVEL\n[MOD_DIR="${PYTHON_SITE_PKG}"]\n[MOD_LIBADD="${PYTHON_LIBS} -lm"]\n',
        {},
        "xdir = $(MOD_DIR)/x\nx_LTLIBRARIES = libx.la\nlibx_la_LIBADD = $(MOD_LIBADD)\n",
        ["$(MOD_LIBADD)"],
    ),
    "another variable, another folder": (
        'AX_PYTHON_DEVEL\n[MOD_DIR="${libdir}/host"]\n[MOD_LIBADD="${PYTHON_LIBS} -lm"]\n',
        {},
        "xdir = $(MOD_DIR)/x\nx_LTLIBRARIES = libx.la\nlibx_la_LIBADD = $(MOD_LIBADD)\n",
        [],
    ),
    "what is kept to be restored": (
        'AX_PYTHON_DEVEL\nSAVE_LIBS="$LIBS"\nLIBS="$LIBS $PYTHON_LIBS"\nX_LIBS="$SAVE_LIBS"\n',
        {},
        "pyexec_LTLIBRARIES = x.la\nx_la_LIBADD = $(SAVE_LIBS) $(X_LIBS)\n",
        [],
    ),
    "a folder that configure says": (
        "AX_PYTHON_DEVEL\nPYTHON_EXEC_DIR='$(pkgpyexecdir)'\n",
        {},
        "modulesdir=@PYTHON_EXEC_DIR@\nmodules_LTLIBRARIES = c_api.la\nc_api_la_LIBADD = @PYTHON_LIBS@\n",
        ["@PYTHON_LIBS@"],
    ),
    "the folder of AX_PYTHON_DEVEL": (
        "AX_PYTHON_DEVEL\n",
        {},
        "xdir = $(PYTHON_PLATFORM_SITE_PKG)\nx_LTLIBRARIES = x.la\nx_la_LIBADD = $(PYTHON_LIBS)\n",
        ["$(PYTHON_LIBS)"],
    ),
    "the old name of the known one, which the project does not ship": (
        "AC_PYTHON_DEVEL([>= 3.6])\n",
        {},
        "pyexec_LTLIBRARIES = x.la\nx_la_LDFLAGS = -module $(PYTHON_LDFLAGS)\n",
        ["$(PYTHON_LDFLAGS)"],
    ),
    "the flags of the new one, which are empty": (
        "AX_PYTHON_DEVEL([>= 3.6])\n",
        {},
        "pyexec_LTLIBRARIES = x.la\nx_la_LDFLAGS = -module $(PYTHON_LDFLAGS)\n",
        [],
    ),
    "macOS' framework": (
        "AM_PATH_PYTHON\n",
        {},
        "pyexec_LTLIBRARIES = x.la\nif DARWIN\nx_la_LDFLAGS = -module -framework Python\nendif\n",
        ["-framework Python"],
    ),
    "macOS' framework in a host": (
        "AM_PATH_PYTHON\n",
        {},
        "bin_PROGRAMS = x\nif DARWIN\nx_LDFLAGS = -framework Python\nendif\n",
        [],
    ),
}


@pytest.mark.parametrize(
    ("configure", "macros", "makefile", "marked"), PROJECTS.values(), ids=PROJECTS
)
@pytest.mark.parametrize("name", ["Makefile.am", "common.mk", "python.inc", "local.am"])
def test_the_macros_of_a_project_are_followed(
    tmp_path: Path,
    configure: str,
    macros: dict[str, str],
    makefile: str,
    marked: list[str],
    name: str,
) -> None:
    for path, text in {"configure.ac": configure, **macros, f"src/{name}": makefile}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    file = str(tmp_path / "src" / name)
    expected = marked if "LTLIBRARIES" in makefile or name.endswith(".am") else []
    assert [text for _, text in reported(makefile, file)] == expected


TEMPLATE = """\
PYTHON_LIBS = @PYTHON_LIBS@
python_site = @PYTHON_SITE_PKG@
LIBTOOL = @LIBTOOL@ --quiet
@SET_MAKE@
wrap.c: x.i
\t$(swig) -python -o $@ x.i
_x.la: x_wrapper.lo
\t$(LIBTOOL) --mode=link $(CC) $(LDFLAGS) -module -o $@ x_wrapper.lo -rpath $(python_site) {libs}
host: host.o
\t$(LIBTOOL) --mode=link $(CC) -o $@ host.o {libs}
"""


def _without_link(text: str, libs: str) -> str:
    """Return the template as it is to be: the module's link is gone, the program's stays."""
    kept = " ".join(word for word in libs.split() if "PYTHON" not in word)
    before, after = f"$(python_site) {libs}\n", f"$(python_site) {kept}".rstrip() + "\n"
    return text.replace(before, after)


@pytest.mark.parametrize("libs", ["$(PYTHON_LIBS)", "@PYTHON_LIBS@", "-lm @PYTHON_LIBS@ -lz"])
def test_a_template_of_a_makefile_is_read(tmp_path: Path, libs: str) -> None:
    (tmp_path / "configure.ac").write_text("AX_PYTHON_DEVEL\n")
    file = tmp_path / "Makefile.in"
    text = TEMPLATE.format(libs=libs)
    file.write_text(text)
    assert reported(text, str(file)) == [("NLP202", libs.split()[-2 if "-lm" in libs else 0])]
    assert fixed(text, str(file), unsafe=False) == text
    assert fixed(text, str(file)) == _without_link(text, libs)
    (tmp_path / "configure.ac").write_text("AM_PATH_PYTHON\n")
    assert reported(text, str(file)) == []


@pytest.mark.parametrize(
    "rule",
    [
        "_x.la: x.lo\n\t$(LIBTOOL) --mode=link $(CC) -module -o $@ x.lo {libs}\n",
        "_x.la: x.lo\n\t$(LIBTOOL) --mode=link $(CC) -o $@ x.lo -rpath /x {libs}\n",
        "x.la: x.lo\n\t$(LIBTOOL) --mode=link $(CC) -o $@ x.lo -rpath $(pyexecdir) {libs}\n",
        "x.la: x.lo\n\t$(LIBTOOL) $(CC) -o $@ x.lo -rpath @PYTHON_SITE_PKG@ {libs}\n",
    ],
)
def test_libtool_tells_a_module_by_its_name_or_folder(tmp_path: Path, rule: str) -> None:
    (tmp_path / "configure.ac").write_text("AX_PYTHON_DEVEL\n")
    file = tmp_path / "Makefile.in"
    text = "LIBTOOL = @LIBTOOL@\n" + rule.format(libs="@PYTHON_LIBS@")
    file.write_text(text)
    assert reported(text, str(file)) == [("NLP202", "@PYTHON_LIBS@")]
    host = text.replace("_x.la", "x.la").replace("@PYTHON_SITE_PKG@", "/x")
    host = host.replace("$(pyexecdir)", "$(pkglibdir)/plugins")
    file.write_text(host)
    assert reported(host, str(file)) == []


@pytest.mark.parametrize(
    "text",
    [
        "# Makefile.in generated by automake 1.16.5\n" + TEMPLATE.format(libs="$(PYTHON_LIBS)"),
        TEMPLATE.replace("_x.la", "libx.la")
        .replace("$(python_site)", "/lib")
        .format(libs="@PYTHON_LIBS@"),
        "@IF_PYTHON@ifeq (1,1)\n" + TEMPLATE.format(libs="") + "endif\n",
    ],
)
def test_a_template_without_a_wrong_link_is_silent(tmp_path: Path, text: str) -> None:
    (tmp_path / "configure.ac").write_text("AX_PYTHON_DEVEL\n")
    file = tmp_path / "Makefile.in"
    file.write_text(text)
    assert reported(text, str(file)) == []


FRAGMENTS = [
    "if MAINTAINER_MODE\nexport ACLOCAL\nendif\n",
    "if !MAINTAINER_MODE # not\nX = python -lm\nelse !MAINTAINER_MODE\nX =\nendif !MAINTAINER_MODE\n",
]


@pytest.mark.parametrize("text", FRAGMENTS)
@pytest.mark.parametrize("name", ["generic.mk", "Makefile.inc", "page.inc"])
def test_a_fragment_of_automake_is_no_broken_makefile(name: str, text: str) -> None:
    text = f"{text}# libpython3.11 -lpython shared swig\n"
    assert found(text, name) == []


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


#: Flags in .cargo/config.toml, and what is marked.
FLAGS = {
    '[build]\nrustflags = ["-C", "link-arg=-lpython3.11"]\n': "-lpython3.11",
    '[build]\nrustflags = ["-Clink-args=-lm -lpython3.11"]\n': "-lpython3.11",
    '[build]\nrustflags = ["-l", "python3.11"]\n': '-l", "python3.11',
    '[build]\nrustflags = "-ldylib=python3.11 -g"\n': "-ldylib=python3.11",
    '[target.x86_64-unknown-linux-gnu]\nrustflags = "-C link-arg=-lpython3.11"\n': "-lpython3.11",
    "[target.'cfg(not(windows))']\nrustflags = '-lpython3.11'\n": "-lpython3.11",
    "[target.'cfg(windows)']\nrustflags = '-lpython3.11'\n": "",
    "[target.aarch64-linux-android]\nrustflags = '-lpython3.11'\n": "",
    "[target.aarch64-apple-ios]\nrustflags = '-lpython3.11'\n": "",
    "[build]\nrustdocflags = '-lpython3.11'\nrustflags = []\n": "",
    '[build]\nrustflags = ["-C", "link-arg=-Wl,-rpath,/usr/lib/python3.11"]\n': "",
    "[env]\nRUSTFLAGS = '-lpython3.11'\n": "",
}


def _settings(folder: Path, manifest: str, text: str) -> str:
    (folder / ".cargo").mkdir()
    (folder / "Cargo.toml").write_text(manifest)
    path = folder / ".cargo" / "config.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(("text", "marked"), FLAGS.items(), ids=FLAGS)
def test_flags_of_cargo_are_reported(tmp_path: Path, text: str, marked: str) -> None:
    path = _settings(tmp_path, CARGO, text)
    assert [spelled for _, spelled in reported(text, path)] == [marked] * bool(marked)
    assert fixed(text, path) == text


@pytest.mark.parametrize("manifest", MANIFESTS_SILENT.values(), ids=MANIFESTS_SILENT)
def test_flags_of_another_package_are_silent(tmp_path: Path, manifest: str) -> None:
    text = next(iter(FLAGS))
    assert reported(text, _settings(tmp_path, manifest, text)) == []


def test_flags_of_a_workspace_reach_its_modules(tmp_path: Path) -> None:
    text = next(iter(FLAGS))
    path = _settings(tmp_path, '[workspace]\nmembers = ["crates/*", "../x"]\n', text)
    assert reported(text, path) == []
    (tmp_path / "crates" / "band").mkdir(parents=True)
    (tmp_path / "crates" / "band" / "Cargo.toml").write_text(CARGO)
    assert len(reported(text, path)) == 1


def test_settings_of_cargo_that_are_no_toml_are_unreadable(tmp_path: Path) -> None:
    text = '[build\nrustflags = ["-lpython3.11"]\n'
    assert [code for code, _ in reported(text, _settings(tmp_path, CARGO, text))] == ["NLP900"]
    assert found(text, "site/config.toml") == []


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
