"""What must hold of any text file, whatever stands in it.

Each check takes bytes, raises ``AssertionError`` (or whatever escapes from the reader)
where a promise is broken, and tells whether something was found in the bytes: a fuzzer
whose inputs are never found anything in would prove nothing.
"""

from __future__ import annotations

import atexit
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from no_libpython_dlopen import config
from no_libpython_dlopen.buildsystems.cmake import lexer as cmake_lexer
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.make import lexer as make_lexer
from no_libpython_dlopen.buildsystems.meson import lexer as meson_lexer
from no_libpython_dlopen.buildsystems.rust import lexer as rust_lexer
from no_libpython_dlopen.buildsystems.settings_files import toml_positions
from no_libpython_dlopen.buildsystems.shell import dockerfile_lexer, word_parts
from no_libpython_dlopen.buildsystems.shell import lexer as shell_words
from no_libpython_dlopen.config import ConfigError, Configuration
from no_libpython_dlopen.engine import api, dispatch, edits
from no_libpython_dlopen.engine.add_suppressions import add_suppressions
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.model.facts import Fact
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.notebook.source import NotebookSource
from no_libpython_dlopen.suppressions import directives as suppress

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Check = Callable[[bytes], bool]
Span = tuple[int, int]

CDYLIB = '[lib]\ncrate-type = ["cdylib"]\n[dependencies]\npyo3 = "0.22"\n'
BUILD_RS = 'fn main() { println!("cargo:rustc-link-lib=python3.11"); }\n'
CONFIGURE = "AX_PYTHON_DEVEL\nAC_SUBST([PYTHON_EMBED_LIBS])\n"
MAKEFILE_AM = (
    "pyexec_LTLIBRARIES = m.la\nm_la_LDFLAGS = -module $(PYTHON_LIBS)\n"
    "m_la_LIBADD = $(PYTHON_EMBED_LIBS) $(PY_LIBS) -lpython3.11\n"
)


@cache
def project() -> Path:
    """Return the folder in which the files of this process lie, or are said to lie."""
    made = tempfile.TemporaryDirectory(prefix="nolibpy-fuzz-")
    atexit.register(made.cleanup)
    folder = Path(made.name)
    (folder / "Cargo.toml").write_text(CDYLIB)
    (folder / "configure.ac").write_text(CONFIGURE)
    return folder


def read(source: Source, kind: Kind) -> list[Fact] | None:
    """Return the facts of a text, ``None`` for one that is told to be unreadable."""
    try:
        facts = list(dispatch.read(source, always=True))
    except (Unreadable, RecursionError):  # both are told as NLP900, see ``examine.facts_of``
        return None
    assert list(dispatch.read(source)) == facts, "a prefilter drops what is found without it"
    passes = prefilter(kind, source.data).may_contain_finding
    assert not facts or passes, "the prefilter rejects what is found"
    return facts


def text(name: str, spans: Callable[[str], Iterator[Span]] | None = None) -> Check:
    """Return the check of files called ``name``; ``spans`` gives the tokens of their lexer."""

    def check(data: bytes) -> bool:
        path = str(project() / name)
        kind = api.text_kind(name)
        source = dispatch.source_of(path, kind, data)
        try:
            content = source.text
        except Unreadable:
            assert api.fix_bytes(data, path, unsafe=True).data == data
            return False
        if spans is not None:
            assert_lossless(content, spans)
        facts = read(source, kind)
        for fact in facts or ():
            assert 0 <= source.offset(fact.start) <= len(content)
            for edit in fact.fix.edits if getattr(fact, "fix", None) else ():
                assert content[edit.start : edit.end] == edit.old
        assert_fixed_once(data, path, kind)
        return bool(facts)

    return check


def assert_lossless(content: str, spans: Callable[[str], Iterator[Span]]) -> None:
    """Assert that the tokens are the text, or its beginning where the lexer complains."""
    at = 0
    try:
        for start, end in spans(content):
            assert start == at <= end
            at = end
    except (LexError, RecursionError):
        return
    assert at == len(content)


def assert_well_told(findings: list[Finding]) -> None:
    for finding in findings:
        assert "internal error" not in finding.message, finding.message
        assert "\n" not in finding.message or finding.code != "NLP900", "told in many lines"


def assert_fixed_once(data: bytes, path: str, kind: Kind) -> None:
    """Assert that what is written can be read, and that fixing again changes nothing."""
    findings = api.check_bytes(data, path)
    assert_well_told(findings)
    if not any(finding.fix for finding in findings):
        return
    for unsafe in (False, True):
        once = api.fix_bytes(data, path, unsafe=unsafe)
        assert_well_told(list(once.findings))
        if once.data == data:
            continue
        assert "NLP900" not in {finding.code for finding in once.findings}
        again = api.fix_bytes(once.data, path, unsafe=unsafe)
        assert again.data == once.data, "fixing twice changes something"
        assert [finding.code for finding in again.findings] == [f.code for f in once.findings]
        if kind is Kind.NOTEBOOK:
            assert _without_code(once.data) == _without_code(data)


def _without_code(data: bytes) -> object:
    document = json.loads(data, strict=False)  # control characters in strings are passed over
    for cell in document["cells"]:
        if cell.get("cell_type") == "code":
            cell["source"] = type(cell.get("source")).__name__
    return document


def notebook(data: bytes) -> bool:
    """Check a notebook: what is encoded unchanged is the file."""
    source = NotebookSource("a.ipynb", Kind.NOTEBOOK, data)
    try:
        content = source.text
    except Unreadable:
        pass
    else:
        if source.cells:
            assert source.encode(content) == data
    return text("a.ipynb")(data)


def beside(name: str, other: str, content: str) -> Check:
    """Return the check of a file that is read with its neighbour ``other`` only."""

    def check(data: bytes) -> bool:
        folder = project() / f"of {name}"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
        (folder / other).write_text(content)  # what is not on disk has no neighbours
        findings = api.check_bytes(content.encode(), str(folder / other))
        assert_well_told(findings)
        return bool(findings)

    return check


def toml(data: bytes) -> bool:
    """Check the lexer of TOML: it walks what ``tomllib`` accepts, and finds its strings."""
    content = data.decode(errors="replace")
    try:
        tomllib.loads(content)
    except (ValueError, RecursionError):
        accepted = False
    else:
        accepted = True
    values = []
    try:
        values = list(toml_positions.values(content))
    except (LexError, RecursionError) as error:
        if accepted and str(error) != "nested too deeply":
            raise AssertionError("tomllib accepts it") from error
    for value in values:
        assert 0 <= value.start < value.end <= len(content)
        if accepted and value.string:
            tomllib.loads(f"x = {content[value.start : value.end]}")
    return text("pyproject.toml")(data) or (accepted and bool(values))


#: One of each way in which comments are told from text.
SUPPRESSING = (
    *("a.py", "m.pyx", "build.rs", "CMakeLists.txt", "meson.build", "setup.cfg", "pyproject.toml"),
    *("build.sh", "Makefile", "Dockerfile", "SConstruct", "BUILD.bazel"),
)


def suppressions(data: bytes) -> bool:
    """Check the comments of a file; its first byte chooses the language."""
    name = SUPPRESSING[data[0] % len(SUPPRESSING)] if data else SUPPRESSING[0]
    path, data = str(project() / name), data[1:]
    kind = api.text_kind(name)
    source = dispatch.source_of(path, kind, data)
    try:
        comments = suppress.suppressions(source)
    except Unreadable:
        return False
    for one in comments:
        assert 0 <= one.comment <= one.start < one.end <= one.stop <= len(source.text)
        assert source.text.startswith(("#", "//"), one.comment)
    findings = api.check_bytes(data, path)
    assert_fixed_once(data, path, kind)
    assert_unused_were_unused(source, findings)
    if findings and "NLP900" not in {finding.code for finding in findings}:
        quiet, _, _ = add_suppressions(source, api.DEFAULT)
        assert_well_told(api.check_bytes(quiet.data, path))
        assert add_suppressions(quiet, api.DEFAULT)[0].data == quiet.data
    return bool(comments)


def assert_unused_were_unused(source: Source, findings: list[Finding]) -> None:
    """Assert that without its unused comments a file is reported the same otherwise."""
    unused = edits.select_compatible([f for f in findings if f.code == "NLP901"], source.text)
    if unused:
        after = source.encode(edits.apply_fixes(unused, source.text))
        left = api.check_bytes(after, source.path)
        others = [finding.code for finding in findings if finding.code != "NLP901"]
        assert [finding.code for finding in left if finding.code != "NLP901"] == others


def configuration(data: bytes) -> bool:
    """Check a configuration: used, or told in one line; never an exception of another kind.

    As a file of each name: one of our own is read even where nothing in it names us.
    """
    used = [configuration_called(name, data) for name in config.FILE_NAMES]
    return all(used)


def configuration_called(name: str, data: bytes) -> bool:
    """Check the configuration in a file of this name; return whether it is used."""
    folder = project() / f"configuration-{name}"
    folder.mkdir(exist_ok=True)
    (folder / ".git").mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(data)
    found = Configuration()
    settings = found.for_folder(str(folder))
    assert bool(found.problems) == settings.flawed
    for problem in found.problems:
        assert "\n" not in problem
    for path in ("a.py", "b/c.py", "d\n.py"):
        settings.excludes(str(folder / path))
        settings.selects_in("NLP101", str(folder / path))
    try:
        Configuration(file=str(file))
    except ConfigError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return False
    assert not settings.flawed
    return True


def cmake_spans(content: str) -> Iterator[Span]:
    yield from ((token.start, token.end) for token in cmake_lexer.tokens(content))


def meson_spans(content: str) -> Iterator[Span]:
    yield from ((token.start, token.end) for token in meson_lexer.tokens(content))


def make_spans(content: str) -> Iterator[Span]:
    yield from ((line.start, line.end) for line in make_lexer.lines(content))


def automake_spans(content: str) -> Iterator[Span]:
    yield from ((line.start, line.end) for line in make_lexer.lines(content, automake=True))


def rust_spans(content: str) -> Iterator[Span]:
    yield from ((token.start, token.end) for token in rust_lexer.tokens(content))


def docker_spans(content: str) -> Iterator[Span]:
    yield from ((each.start, each.end) for each in dockerfile_lexer.instructions(content))


def shell_spans(content: str) -> Iterator[Span]:
    for token in shell_words.tokens(content):
        at = token.start
        if token.kind == "word":
            for part in word_parts.parts(content, token.start, token.end):
                assert at <= part.start <= part.end <= token.end
                at = part.end
        yield token.start, token.end
