"""Python files that build extensions: what is told beside the line, and what is cut how.

Where something is found, and what a fix leaves, is in ``cases/build/setup_*``,
``scons_*`` and ``bazel_*``.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from no_libpython_dlopen.buildsystems.python_syntax.setup_py import read
from no_libpython_dlopen.engine import api
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.model.finding import Applicability
from no_libpython_dlopen.model.source import Kind, Source, Unreadable, kind_of
from tests.buildsystems.rewriting import conformance, fixed, found, reported, text_of

CASES = conformance("setup_", "scons_", "bazel_")


def extension(arguments: str, before: str = "") -> str:
    """Return a setup script with one extension."""
    return (
        f"import os, sys, sysconfig\nfrom setuptools import Extension, setup\n{before}"
        f'setup(ext_modules=[Extension("a", ["a.c"], {arguments})])\n'
    )


@pytest.mark.parametrize(
    ("arguments", "marked"),
    [
        ('libraries=["python3.11"]', '"python3.11"'),
        ('libraries=["m", "python3"]', '"python3"'),
        ('libraries=[f"python{sys.version_info[0]}.{sys.version_info[1]}"]',
         'f"python{sys.version_info[0]}.{sys.version_info[1]}"'),
        ('extra_link_args=["-L/x -lpython3.11 -lm"]', "-lpython3.11"),
        ('extra_link_args=["-l", "python3.11"]', '"-l", "python3.11"'),
        ('extra_objects=["/usr/lib/libpython3.11.a"]', '"/usr/lib/libpython3.11.a"'),
        ('libraries=[":libpython3.11.so"]', '":libpython3.11.so"'),
    ],
)  # fmt: skip
def test_what_is_marked_is_what_links(arguments: str, marked: str) -> None:
    assert reported(extension(arguments), "setup.py") == [("NLP201", marked)]


@pytest.mark.parametrize(
    "arguments",
    [
        'libraries=["python311"]',
        'libraries=["python"]',
        'libraries=["python2.7", "boost_python311", "pythonqt"]',
        'libraries=["python%s" % "311"]',
        'libraries=["python" + suffix]',
        'library_dirs=["/usr/lib/python3.11"], include_dirs=["/usr/include/python3.11"]',
        'extra_link_args=["-L/usr/lib/python3.11", "-Wl,-rpath,/usr/lib/python3.11/config"]',
        'extra_compile_args=["-lpython3.11"]',
        'define_macros=[("LIB", "libpython3.11.so")], depends=["libpython3.11.so"]',
        'extra_link_args=[sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("LIBS")]',
        'extra_link_args=sysconfig.get_config_var("LINKFORSHARED").split()',
        'extra_link_args=[sysconfig.get_config_var("LIBPYTHON") or ""]',
        'libraries=["python3.11"] if sys.platform == "win32" else []',
        'libraries=os.name == "nt" and ["python3.11"] or []',
        'libraries=(["python3.11"] if sys.platform in ("win32", "cygwin") else ["m"])',
        'libraries={"win32": ["python3.11"]}.get(sys.platform, ["m"])',
        'extra_link_args=["-Wl,-soname,libpython3.11-plugin.so"]',
    ],
)  # fmt: skip
def test_what_links_nothing_or_is_needed_is_silent(arguments: str) -> None:
    assert reported(extension(arguments), "setup.py") == []


@pytest.mark.parametrize(
    ("before", "arguments", "target"),
    [("", 'libraries=["python3.11"]', "a"), ('libs = ["python3.11"]\n', "libraries=libs", "a")],
)
def test_the_module_is_named_and_the_call_shown(before: str, arguments: str, target: str) -> None:
    (finding,) = found(extension(arguments, before), "setup.py")
    assert f"extension module `{target}`" in finding.message
    assert [one.message for one in finding.related] == ["it is linked here"] * bool(before)


def test_the_assignment_that_gives_a_module_its_libraries_is_shown() -> None:
    text = (
        'from setuptools import Extension, setup\nlibs = ["python3.11"]\n'
        'module = Extension("a", ["a.c"])\nmodule.libraries = libs\nsetup(ext_modules=[module])\n'
    )
    (finding,) = found(text, "setup.py")
    assert [(one.message, one.start.row) for one in finding.related] == [("it is linked here", 4)]


@pytest.mark.parametrize(
    ("name", "text", "safe"),
    [
        ("setup.py", extension('libraries=["python3.11"]'), True),
        ("setup.py", extension('libraries=["m",\n    "python3.11",  # why\n]'), False),
        ("setup.py", extension("libraries=l", 'l = []\nl.append("python3.11")  # why\n'), False),
        ("SConstruct", 'Environment().LoadableModule("a", "a.c", LIBS=["python3.11"])\n', False),
        ("BUILD", 'pybind_extension(name = "a", linkopts = ["-lpython3.11"])\n', True),
        ("BUILD", 'cc_binary(name = "a.so", linkshared = 1, linkopts = ["-lpython3.11"])\n', False),
    ],
)
def test_a_cut_is_safe_where_macos_needs_nothing_and_no_comment_goes(
    name: str, text: str, safe: bool
) -> None:
    (finding,) = found(text, name)
    assert finding.fix is not None
    assert (finding.fix.applicability is Applicability.SAFE) is safe


@pytest.mark.parametrize(
    ("before", "arguments", "reason"),
    [
        ('libs = ["python3.11"]\nprint(libs)\n', "libraries=libs", ""),
        ('libs = ["python3.11", "m"]\nif libs: pass\n', "libraries=libs", ""),
        ('libs = ["python3.11"]\nif libs: pass\n', "libraries=libs", "used for something else"),
        ('libs = ["python3.11"]\nbuild_exe(libs)\n', "libraries=libs", "used for something else"),
        (
            'def f():\n    return ["python3.11"]\nother(f())\n',
            "libraries=f()",
            "`f` is called elsewhere",
        ),
        ('lib = "python3.11" if x else "m"\n', "libraries=[lib]", "another library"),
        ("", 'libraries=["python3.11", *more]', ""),
        ("", 'libraries={"python3.11", "m"}', "no single edit"),
        ('d = sysconfig.get_config_var("LDLIBRARY")\n', "extra_objects=[d]", "outside of the list"),
    ],
)
def test_what_others_use_is_only_reported(before: str, arguments: str, reason: str) -> None:
    (finding,) = found(extension(arguments, before), "setup.py")
    assert (finding.fix is None) is bool(reason)
    assert reason in finding.no_fix_reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('libraries=["python3.11"]', "libraries=[]"),
        ('libraries=[ "python3.11" ]', "libraries=[]"),
        ('libraries=["python3.11",]', "libraries=[]"),
        ('libraries=["a", "python3.11",]', 'libraries=["a",]'),
        ('libraries=["python3.11", "a"]', 'libraries=["a"]'),
        ('libraries=["a", "python3.11", "b"]', 'libraries=["a", "b"]'),
        ('libraries=["a", ("python3.11"), "b"]', 'libraries=["a", "b"]'),
        ('libraries=["a", "python" "3.11", "b"]', 'libraries=["a", "b"]'),
        ('libraries=["a", "python3.11", *more]', 'libraries=["a", *more]'),
        ('libraries=("python3.11",)', "libraries=()"),
        ('libraries=("a", "python3.11")', 'libraries=("a",)'),
        ('libraries=("a", "python3.11",)', 'libraries=("a",)'),
        ('libraries=("python3.11", "a")', 'libraries=("a",)'),
        ('libraries=("python3.11", "a",)', 'libraries=("a",)'),
        ('libraries=("a", "python3.11", "b")', 'libraries=("a", "b")'),
        ('libraries=["python3.11", "python3"]', "libraries=[]"),
        ('extra_link_args=["-lpython3.11 -lm"]', 'extra_link_args=["-lm"]'),
        ('extra_link_args=["-lm  -lpython3.11"]', 'extra_link_args=["-lm"]'),
        ('extra_link_args=[" -lpython3.11 "]', "extra_link_args=[]"),
        ('extra_link_args="-lpython3.11".split()', 'extra_link_args="".split()'),
        ('extra_link_args=["-l", "python3.11", "-lm"]', 'extra_link_args=["-lm"]'),
        ("extra_link_args=[r'-lz -lpython3.11']", "extra_link_args=[r'-lz']"),
    ],
)
def test_cuts_leave_python(before: str, after: str) -> None:
    result = fixed(extension(before), "setup.py")
    assert result == extension(after)
    ast.parse(result)


def test_a_list_without_brackets_keeps_its_comma() -> None:
    text = extension("libraries=libs", 'libs = "a", "python3.11"\n')
    assert 'libs = "a",\n' in fixed(text, "setup.py")
    text = extension("libraries=libs", 'libs = "python3.11",\n')
    assert "libs = ()\n" in fixed(text, "setup.py")


@pytest.mark.parametrize("name", ["setup.py", "SConstruct", "BUILD.bazel"])
def test_what_does_not_parse_is_one_finding(name: str) -> None:
    text = 'Extension("a", libraries=["python3.11"], linkshared=1, SHLIBPREFIX=""\n'
    text = f"import setuptools\nLoadableModule = pybind_extension\n{text}-lpython\n"
    (finding,) = found(text, name)
    assert finding.code == "NLP900"


def test_a_form_feed_is_reported_and_nothing_is_written() -> None:
    text = "\x0c\n" + extension('libraries=["python3.11"]')
    assert {finding.code for finding in found(text, "setup.py")} <= {"NLP201", "NLP900"}
    result = api.fix_bytes(text.encode(), "setup.py", unsafe=True).data
    assert result == text.encode() or b"\x0c\n" in result


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig"])
def test_encodings_survive(encoding: str) -> None:
    head = "# coding: latin-1\n" if encoding == "latin-1" else ""
    text = head + "# Köln\n" + extension('libraries=["m", "python3.11"]')
    result = api.fix_bytes(text.encode(encoding), "setup.py", unsafe=False).data
    assert result == text.replace(', "python3.11"', "").encode(encoding)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_prefilter_lets_every_case_through(folder: Path) -> None:
    expected = json.loads((folder / "expect.json").read_text())["findings"]
    for path in folder.iterdir():
        kind = kind_of(path.name)
        if any(one["file"] == path.name for one in expected) and kind is not None:
            assert prefilter(kind, path.read_bytes()).may_link


@pytest.mark.parametrize(
    "text",
    [
        "from setuptools import setup\nsetup(name='python3.11')\n",
        "def verify(libraries):\n    '''python3 Extension'''\n",
        "x = Extension('a', ['a.c'], libraries=['m'])\n",
    ],
)
def test_most_files_end_before_libcst(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("no_libpython_dlopen.python.syntax.parse.parse", None)
    assert list(read(Source("setup.py", Kind.PYTHON, text.encode()))) == []


def test_nesting_that_cannot_be_followed_is_told() -> None:
    text = extension('libraries=["python3.11"]', f"x = {'(' * 3000}1{')' * 3000}\n")
    with pytest.raises(Unreadable):
        list(read(Source("setup.py", Kind.PYTHON, text.encode())))


def test_cycles_end() -> None:
    text = text_of(
        """
        from setuptools import Extension
        libs = ["python3.11"]
        def more(libs):
            libs += more(libs)
            return more(libs + libs)
        libs = libs + more(libs)
        class A:
            libs = []
            def grow(self):
                self.libs = self.libs + self.grow()
                self.libs.extend(self.libs)
                return self.libs
        Extension("a", ["a.c"], libraries=libs + A().libs, **{**globals()})
        """
    )
    assert reported(text, "setup.py") == [("NLP201", '"python3.11"')]
