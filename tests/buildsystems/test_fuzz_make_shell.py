"""Generated, damaged and hostile makefiles, scripts and their like: nothing lost, no crash."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.make import automake
from no_libpython_dlopen.buildsystems.make import lexer as make_lexer
from no_libpython_dlopen.buildsystems.make import reader as make
from no_libpython_dlopen.buildsystems.rust import lexer as rust_lexer
from no_libpython_dlopen.buildsystems.rust import reader as cargo
from no_libpython_dlopen.buildsystems.shell import dockerfile, dockerfile_lexer, word_parts
from no_libpython_dlopen.buildsystems.shell import lexer as shell_words
from no_libpython_dlopen.buildsystems.shell import reader as shell
from no_libpython_dlopen.engine import api
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.model.source import Kind, Source, Unreadable
from tests.buildsystems.rewriting import CASES, fixed
from tests.buildsystems.test_automake_cargo import AUTOMAKE, RUST
from tests.buildsystems.test_make import FOUND as MAKE
from tests.buildsystems.test_shell import DOCKER
from tests.buildsystems.test_shell import FOUND as SHELL

pytestmark = pytest.mark.slow

NAMES = {
    Kind.MAKE: "Makefile",
    Kind.AUTOMAKE: "Makefile.am",
    Kind.SHELL: "build.sh",
    Kind.DOCKERFILE: "Dockerfile",
    Kind.RUST_BUILD: "build.rs",
}
READERS: dict[Kind, ModuleType] = {
    Kind.MAKE: make,
    Kind.AUTOMAKE: automake,
    Kind.SHELL: shell,
    Kind.DOCKERFILE: dockerfile,
    Kind.RUST_BUILD: cargo,
}
SEEDS = {
    Kind.MAKE: [case[0] for case in MAKE.values()],
    Kind.AUTOMAKE: [case[0] for case in AUTOMAKE.values()],
    Kind.SHELL: [case[0] for case in SHELL.values()],
    Kind.DOCKERFILE: [case[0] for case in DOCKER.values()],
    Kind.RUST_BUILD: [case[0] for case in RUST.values()],
}
QUICK = settings(
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
#: Pieces that a lexer or a walk could stumble over.
PIECES = [
    *("\n", "\r\n", "\r", "\t", " ", "\\", "\\\n", "#", "'", '"', "`", "$", "$$", "$(", ")", "${", "}"),
    *("((", "))", "<<EOF\n", "EOF\n", "<<<", "&&", "||", ";", ";;", "|", "(", "{", "[", "]", "%", "é"),
    *("if ", "then ", "else\n", "elif ", "fi\n", "case $x in ", "a) ", "esac\n", "for v in a; do ", "done\n"),
    *("ifeq ($(A),b)\n", "ifdef X\n", "else ifeq (a,b)\n", "endif\n", "define f\n", "endef\n", "!= ", ":= "),
    *("+= ", "?= ", ": ", "x: y\n", "\tcc -shared ", "$@", "$(shell ", "$(call f,", "$(if ", "$(foreach v,"),
    *("-lpython3.11 ", "libpython3.11.so ", "--embed ", "python3-config --ldflags ", "-o m.abi3.so "),
    *("L=(", "L+=", "export ", "LDFLAGS=", "pip install . ", "LD_PRELOAD=", "sh -c '", "$L ", "${L[@]} "),
    *("FROM a\n", "RUN ", "ENV ", "# escape=`\n", '["', '", "', '"]', "/*", "*/", "//", 'r#"', '"#'),
    *('println!("cargo:rustc-link-lib=python3.11");', "pyexec_LTLIBRARIES = x.la\n", "x_la_LIBADD = "),
]  # fmt: skip


def _any_text() -> st.SearchStrategy[str]:
    pieces = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
    return st.one_of(
        pieces, pieces.map(lambda text: text + "\n# python -l\n"), st.text(max_size=40)
    )


def _damaged(kind: Kind) -> st.SearchStrategy[str]:
    """Return real texts with a piece taken out, doubled or put in."""

    @st.composite
    def texts(draw: st.DrawFn) -> str:
        text = draw(st.sampled_from(SEEDS[kind]))
        for _ in range(draw(st.integers(1, 4))):
            start = draw(st.integers(0, len(text)))
            end = min(len(text), start + draw(st.integers(0, 12)))
            piece = draw(st.sampled_from(["", text[start:end] * 2, *PIECES]))
            text = text[:start] + piece + text[end:]
        return text

    return texts()


def _name(kind: Kind, folder: Path) -> str:
    """Return a path; Rust has a manifest beside it, without which nothing is looked at."""
    if kind is not Kind.RUST_BUILD:
        return NAMES[kind]
    manifest = '[lib]\ncrate-type = ["cdylib"]\n[dependencies]\npyo3 = "0.22"\n'
    (folder / "Cargo.toml").write_text(manifest)
    return str(folder / "build.rs")


@pytest.mark.parametrize("kind", NAMES)
def test_any_text_is_read_or_told_to_be_unreadable(kind: Kind, tmp_path: Path) -> None:
    name = _name(kind, tmp_path)

    @QUICK
    @given(_any_text() | _damaged(kind))
    def holds(text: str) -> None:
        data = text.encode(errors="replace")
        source = Source(name, kind, data)
        try:
            facts = list(READERS[kind].read(source))
        except Unreadable:
            return
        assert not facts or prefilter(kind, data).may_link
        for fact in facts:
            for edit in fact.fix.edits if fact.fix else ():
                assert source.text[edit.start : edit.end] == edit.old

    holds()


@pytest.mark.parametrize("kind", NAMES)
def test_no_fix_breaks_a_file_or_changes_it_twice(kind: Kind, tmp_path: Path) -> None:
    name = _name(kind, tmp_path)

    @QUICK
    @given(_damaged(kind))
    def holds(text: str) -> None:
        if "\0" in text:
            return
        after = fixed(text, name)
        if after != text:
            left = api.check_bytes(after.encode(), name)
            assert "NLP900" not in {finding.code for finding in left}

    holds()


@pytest.mark.parametrize("kind", NAMES)
def test_a_fix_takes_away_nothing_but_what_names_libpython(kind: Kind, tmp_path: Path) -> None:
    name = _name(kind, tmp_path)

    @QUICK
    @given(_damaged(kind))
    def holds(text: str) -> None:
        after = fixed(text, name)
        rest = iter(text)
        assert all(char in rest for char in after), "something was added"
        for part in ("-lm", "-o ", "-shared", "m.c", "m.abi3.so"):
            assert after.count(part) >= min(text.count(part), 1) * (
                part in after or part not in text
            )

    holds()


def _spans(kind: Kind, text: str) -> list[tuple[int, int]]:
    if kind in (Kind.MAKE, Kind.AUTOMAKE):
        lines = make_lexer.lines(text, automake=kind is Kind.AUTOMAKE)
        return [(line.start, line.end) for line in lines]
    if kind is Kind.SHELL:
        return [(token.start, token.end) for token in shell_words.tokens(text)]
    if kind is Kind.DOCKERFILE:
        return [(each.start, each.end) for each in dockerfile_lexer.instructions(text)]
    return [(token.start, token.end) for token in rust_lexer.tokens(text)]


@pytest.mark.parametrize("kind", NAMES)
def test_lexing_loses_no_character(kind: Kind) -> None:
    @QUICK
    @given(_any_text() | _damaged(kind))
    def holds(text: str) -> None:
        try:
            spans = _spans(kind, text)
        except LexError:
            return
        assert "".join(text[start:end] for start, end in spans) == text
        assert [start for start, _ in spans] == [0, *(end for _, end in spans)][: len(spans)]

    holds()


@QUICK
@given(_any_text() | _damaged(Kind.SHELL))
def test_the_parts_of_a_word_lie_in_it_in_order(text: str) -> None:
    try:
        words = [token for token in shell_words.tokens(text) if token.kind == "word"]
    except LexError:
        return
    for word in words:
        at = word.start
        for part in word_parts.parts(text, word.start, word.end):
            assert at <= part.start <= part.end <= word.end
            at = part.end


LINK = "m.abi3.so: m.c\n\tcc -shared -o $@ $< $(X) $(x0) -lpython3.11\n"
HOSTILE = {
    Kind.MAKE: {
        "a variable that means itself": "X = $(X) -lpython3.11\n" + LINK,
        "variables in a circle": "X = $(Y)\nY = $(X) -lpython3.11\n" + LINK,
        "variables that double": "".join(f"x{i} = $(x{i + 1}) $(x{i + 1})\n" for i in range(60)) + "x60 = -lpython3.11\n" + LINK,
        "simple variables that double": "y := -lpython3.11\n" + "y := $(y) $(y)\n" * 60 + "X = $(y)\n" + LINK,
        "calls that double": "f = $(call f,$(1) $(1)) $(call f,$(1))\nX = $(call f,-lpython3.11)\n" + LINK,
        "loops in loops": "X = " + "$(foreach a,1 2 3 4 5 6 7 8 9," * 20 + "-lpython3.11" + ")" * 20 + "\n" + LINK,
        "references in references": "X = " + "$(" * 5000 + "python" + ")" * 5000 + "\n" + LINK,
        "references that are not closed": "X = " + "$(a " * 20_000 + "\n" + LINK,
        "a long line": "X = " + "a " * 30_000 + "-lpython3.11\n" + LINK,
        "a long recipe": "m.abi3.so: m.c\n\tcc -shared -o $@ -lpython3.11 " + "'a' $$b " * 5000 + "\n",
        "many branches": "ifdef A\nX = -lpython3.11\nelse\nX = b\nendif\n" * 300 + LINK,
        "a long chain": "ifeq ($(A),0)\n" + "".join(f"else ifeq ($(A),{i})\nX = -lpython3.{i}\n" for i in range(1, 150)) + "endif\n" + LINK,
        "many rules": LINK + "".join(f"t{i}: t{i + 1}\n\tcc -lpython3.11 -o $@ $^\n" for i in range(1000)),
        "many prerequisites": "all: " + " ".join(f"t{i}" for i in range(20_000)) + "\n" + LINK,
        "variables of targets above": "".join(f"t{i}: L += -lpython3.11\nt{i}: t{i + 1}\n" for i in range(150)) + "t150: m.c\n\tcc -shared -o m.abi3.so $(L)\n",
        "continued lines": "X = \\\n" + "a \\\n" * 5000 + "-lpython3.11\n" + LINK,
        "a run of blanks": "X = a" + " " * 200_000 + "-lpython3.11\n" + LINK,
        "backslashes": "X = -lpython3 " + "\\" * 20_000 + "\n" + LINK,
        "conditionals in conditionals": "ifdef A\n" * 5000 + "# -lpython3\n",
    },
    Kind.SHELL: {
        "substitutions in substitutions": "cc -shared m.abi3.so " + "$(" * 5000 + "python -l",
        "quotation in substitutions": 'x="' + '$("' * 2000 + "-lpython cc -shared abi3",
        "braces in braces": "cc -shared m.abi3.so " + "${a:-" * 5000 + "-lpython3",
        "parentheses": "cc -shared -o m.abi3.so -lpython3.11 " + "(" * 20_000,
        "values that double": "x=-lpython3.11\n" + 'x="$x $x"\n' * 60 + "cc -shared -o m.abi3.so $x\n",
        "arrays that double": "x=(-lpython3.11)\n" + 'x=("${x[@]}" "${x[@]}")\n' * 40 + 'cc -shared -o m.abi3.so "${x[@]}"\n',
        "branches": "if a; then x=-lpython3.11; else x=b; fi\n" * 500 + "cc -shared -o m.abi3.so $x\n",
        "a shell in a shell": "sh -c \"sh -c 'sh -c x'\" " * 500 + "cc -shared -o m.abi3.so -lpython3.11\n",
        "many commands": "cc -shared -o m.abi3.so -lpython3.11\n" * 1500,
        "a long line": "cc -shared -o m.abi3.so " + "a " * 30_000 + "-lpython3.11\n",
        "a word of many parts": "MATHLIB=" + "$" * 60_000 + "\ncc -shared -o m.abi3.so -lpython3.11\n",
        "many here-documents": "cat " + "<<A " * 2000 + "-lpython3 cc -shared abi3\n" + "A\n" * 3000,
        "many quotes": "cc -shared m.abi3.so -lpython3 " + "'a'\"b\"" * 10_000 + "\n",
        "arithmetic that is not closed": "cc -shared m.abi3.so -lpython3 " + "$((" * 3000 + "\n",
    },
    Kind.DOCKERFILE: {
        "continued lines": "FROM a\nRUN x \\\n" + "  y \\\n" * 20_000 + "  cc -shared -o m.abi3.so -lpython3.11\n",
        "comments in between": "FROM a\nRUN x \\\n" + "# y\n" * 20_000 + "  cc -shared -o m.abi3.so -lpython3.11\n",
        "many stages": "FROM a AS b\nENV L=-lpython3.11\nRUN cc -shared -o m.abi3.so $L\n" * 300,
        "brackets": "FROM a\nRUN " + '["' * 20_000 + " -lpython3 cc -shared abi3\n",
        "many flags in a command": "FROM a\nRUN cc -shared -o m.abi3.so" + " -lpython3.11" * 5_000 + "\n",
    },
    Kind.RUST_BUILD: {
        "comments in comments": "/*" * 50_000 + 'println!("cargo:rustc-link-lib=python3.11");\n',
        "blocks in blocks": "{" * 20_000 + 'println!("cargo:rustc-link-lib=python3.11");' + "}" * 20_000,
        "many lines": 'println!("cargo:rustc-link-lib=python3.11");\n' * 2000,
    },
    Kind.AUTOMAKE: {
        "a name of many parts": "m" + "_la" * 60_000 + " = -lpython3.11\npyexec_LTLIBRARIES = x.la\n",
        "a value of blanks": "pyexec_LTLIBRARIES =" + " " * 200_000 + "x.la\n",
        "many libraries": "pyexec_LTLIBRARIES = " + " ".join(f"m{i}.la" for i in range(2000)) + "\nAM_LDFLAGS = -lpython3.11\n",
        "folders in a circle": "adir = $(bdir)\nbdir = $(adir)\na_LTLIBRARIES = x.la\nx_la_LIBADD = -lpython3.11\n",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param(kind, text, id=f"{kind.value}-{key}")
        for kind, texts in HOSTILE.items()
        for key, text in texts.items()
    ],
)
def test_a_hostile_file_ends(kind: Kind, text: str, tmp_path: Path) -> None:
    codes = {finding.code for finding in api.check_bytes(text.encode(), _name(kind, tmp_path))}
    assert codes <= {"NLP201", "NLP900"}


def test_every_conformance_case_of_these_kinds_passes_the_prefilter() -> None:
    for kind, name in NAMES.items():
        for path in CASES.glob(f"*/{name}"):
            data = path.read_bytes()
            facts = list(READERS[kind].read(Source(str(path), kind, data)))
            assert not facts or prefilter(kind, data).may_link
