"""The shape of the package: who may import whom, how large it gets, and what its page says.

Imports inside functions count like those at the top of a module. Those for type checking alone
do not count for the layers, since nothing runs them; circles are forbidden with them, too.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.binary.made_elf import made_elf

ROOT = Path(__file__).parent.parent
PACKAGE = "no_libpython_dlopen"
SOURCE = ROOT / "src" / PACKAGE

#: From the top; a part may import from its own line only itself, and all lines below.
LAYERS = [
    ["__main__"],
    ["cli"],
    ["report", "survey", "runtime", "server", "codemod", "pylsp_plugin"],
    ["engine"],
    ["suppressions"],
    ["rules"],
    ["buildsystems"],
    ["package_index", "notebook"],
    ["python", "binary"],
    ["config"],
    ["files"],
    ["knowledge"],
    ["model"],
    ["version"],
]
#: Steps upward and aside that are meant, each with its reason.
ALLOWED = {
    ("config", "rules"): "a code in the configuration is checked against those that exist",
    ("config", "report"): "so is the name of an output format",
    ("survey", "report"): "a survey's findings are shown as those of a check",
}
#: What a part may not import at all, whatever layer it is in.
FORBIDDEN = {
    "rules": {"libcst", "rich", f"{PACKAGE}.model.source", f"{PACKAGE}.engine", f"{PACKAGE}.python"}
    | {f"{PACKAGE}.buildsystems", f"{PACKAGE}.binary", f"{PACKAGE}.config"}
    | {f"{PACKAGE}.suppressions"},
    "model": {"libcst", "rich"},
    "knowledge": {"libcst", "rich"},
    "engine": {"rich"},
    "config": {"libcst", "rich"},
    "report": {"libcst"},
}
#: The runtime is imported into strangers' processes. What the readers of binaries return and
#: raise is in ``facts`` and ``source``, which import only the standard library, as they do.
RUNTIME_MAY_IMPORT = {"runtime", "binary", "knowledge", "files", "model", "version"} | {
    "suppressions"  # the grammar of noqa comments, for a program that has one
}

#: A folder shows its contents at a glance, a module fits into a head.
MOST_MODULES = 16
MOST_LINES = 400
MOST_LINES_OF_FUNCTION = 50
MOST_LEVELS = 4
BLOCKS = ("body", "orelse", "finalbody")
NESTING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
#: A participle, alone or with a preposition, and words that end like one.
PARTICIPLE = re.compile(
    r"_*(?P<word>[a-z]+(?:ed|ing)|written|given|kept|taken|found|known|held|seen|shown|made|told)"
    r"(?:_(?:above|after|among|around|at|before|behind|by|from|in|of|on|through|to|with))?"
)
NOUNS = {"binding", "ceiling", "encoding", "finding", "heading", "listing", "meaning"} | {
    *("nothing", "setting", "string", "warning")
}
#: Folders in which each rule, or each command, is a file.
ONE_FILE_EACH = {"rules", "cli"}


class Module(NamedTuple):
    """What these tests ask of a module."""

    #: What it imports when it runs, and for type checking also: pairs of a module and a name in it.
    runs: tuple[str, ...]
    names: frozenset[tuple[str, str]]
    says_why: bool
    defers_annotations: bool
    functions: tuple[Function, ...]


class Function(NamedTuple):
    """What these tests ask of a function."""

    name: str
    #: Read like a value, or makes one of its class.
    is_property: bool
    summary: str
    lines: int
    levels: int


@cache
def modules() -> dict[str, Module]:
    """Return each module by its dotted name; their trees are not kept, which are large."""
    return dict(read_modules())


def read_modules() -> Iterator[tuple[str, Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        says_why = ast.get_docstring(tree) is not None
        names = frozenset(named_in_imports(tree))
        is_annotated = any(isinstance(node, ast.arg | ast.AnnAssign) for node in ast.walk(tree))
        defers = not is_annotated or ("__future__", "annotations") in names
        functions = tuple(functions_of(tree))
        yield ".".join(parts), Module(tuple(imported(tree)), names, says_why, defers, functions)


def functions_of(tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Function(
                node.name,
                any(
                    ast.unparse(one).endswith(("property", "staticmethod"))
                    for one in node.decorator_list
                ),
                (ast.get_docstring(node) or "").partition("\n")[0],
                (node.end_lineno or node.lineno) - node.lineno + 1,
                levels_of(node.body),
            )


def levels_of(block: list[ast.stmt]) -> int:
    """Return how deep the statements of a block are nested; an ``elif`` is no deeper than its if."""
    levels = 0
    for one in block:
        if isinstance(one, NESTING):
            parts = [one, *getattr(one, "handlers", ()), *getattr(one, "cases", ())]
            inner = (getattr(part, name, []) for part in parts for name in BLOCKS)
            is_elif = isinstance(one, ast.If) and [type(each) for each in one.orelse] == [ast.If]
            inside = [levels_of(each) + 1 for each in inner if not (is_elif and each is one.orelse)]
            levels = max(levels, *inside, levels_of(one.orelse) if is_elif else 0)
    return levels


def named_in_imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each module that an import names, and each name that it takes of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def imports_of(*parts: str) -> Iterator[tuple[str, str]]:
    """Yield each module, of all parts or of these, and each one that it imports when it runs."""
    for module, read in modules().items():
        if not parts or part(module) in parts:
            yield from ((module, name) for name in read.runs)


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield each module that the tree imports when it runs."""
    for node in executed(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name their module in full"
            assert node.module
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below, without the branches of ``if TYPE_CHECKING``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from executed(child)


def part(module: str) -> str | None:
    """Return the part of the package that a module belongs to; ``None`` for a stranger."""
    names = module.split(".")
    return names[1] if names[0] == PACKAGE and len(names) > 1 else None


def layer(name: str) -> int:
    return next(index for index, line in enumerate(LAYERS) if name in line)


def test_every_part_of_the_package_has_its_layer() -> None:
    parts = {part(name) for name in modules()} - {None}
    assert parts <= {name for line in LAYERS for name in line}


def test_imports_go_downward_only() -> None:
    known = {entry for line in LAYERS for entry in line}
    wrong = [
        f"{module} imports {name}"
        for module, name in imports_of(*known)
        if (here := part(module))
        and (there := part(name)) in known - {here}
        and (here, there) not in ALLOWED
        and layer(there or "") <= layer(here)
    ]
    assert wrong == []


def imported_modules(module: str) -> set[str]:
    """Return the modules of the package that a module names in its imports, all of them."""
    pairs = modules()[module].names
    found = {inner if (inner := f"{name}.{of}") in modules() else name for name, of in pairs}
    return found & modules().keys()


def circles() -> set[frozenset[str]]:
    """Return the sets of modules that import each other, directly or through others."""
    reachable = {module: imported_modules(module) for module in modules()}
    for middle in modules():
        for reached in reachable.values():
            if middle in reached:
                reached |= reachable[middle]
    found = set()
    for module, reached in reachable.items():
        if module in reached:
            found.add(frozenset(other for other in reached if module in reachable[other]))
    return found


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles() == set()


@pytest.mark.parametrize("folder", sorted({path.parent for path in SOURCE.rglob("*.py")}))
def test_a_folder_can_be_seen_at_a_glance(folder: Path) -> None:
    if folder.name not in ONE_FILE_EACH:
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(modules) <= MOST_MODULES


def test_no_module_is_too_long() -> None:
    lengths = {
        path.relative_to(SOURCE).as_posix(): path.read_text(encoding="utf-8").count("\n")
        for path in SOURCE.rglob("*.py")
    }
    assert {path for path, lines in lengths.items() if lines > MOST_LINES} == set()


def rows_of(heading: str) -> list[list[str]]:
    """Return the code words in the first cells of a table of the page on the architecture."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [
        re.findall("`([^`]+)`", row)
        for row in re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    ]


def test_the_page_on_the_architecture_has_every_folder() -> None:
    folders = {path.parent.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py")}
    assert {f"{name}/" for name in folders - {"."}} == {name for (name,) in rows_of("Directories")}


def test_the_page_on_the_architecture_names_what_exists() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+/[\w/]*(?:\.py)?)`", page))
    assert len(named) > 60
    assert {one for one in named if not ((SOURCE / one).exists() or (ROOT / one).exists())} == set()


def test_the_page_on_the_architecture_has_the_layers() -> None:
    assert rows_of("What may import what") == LAYERS


def test_a_function_is_a_verb_or_a_noun() -> None:
    """A participle alone does not say what is done, or what is returned."""
    wrong = [
        f"{module}: {one.name}"
        for module, read in modules().items()
        for one in read.functions
        if not one.is_property
        if (match := PARTICIPLE.fullmatch(one.name)) and match["word"] not in NOUNS
    ]
    assert wrong == []


def test_a_docstring_names_what_is_returned() -> None:
    wrong = [
        f"{module}: {one.summary}"
        for module, read in modules().items()
        for one in read.functions
        if re.match("(?:Return|Yield) (?:what|how|where|who|that which)\\b", one.summary)
    ]
    assert wrong == []


def test_a_function_fits_into_a_head() -> None:
    wrong = [
        f"{module}: {one.name} has {one.lines} lines, {one.levels} levels"
        for module, read in modules().items()
        for one in read.functions
        if one.lines > MOST_LINES_OF_FUNCTION or one.levels > MOST_LEVELS
    ]
    assert wrong == []


def test_a_part_stays_away_from_what_it_must_not_know() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, name in imports_of(*FORBIDDEN)
        for one in FORBIDDEN[part(module) or ""]
        if f"{name}.".startswith(f"{one}.")
    ]
    assert wrong == []


def test_a_rule_never_imports_another_rule() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, name in imports_of("rules")
        if module != f"{PACKAGE}.rules" and name.startswith(f"{PACKAGE}.rules")
    ]
    assert wrong == []


def test_the_runtime_needs_nothing_but_the_standard_library() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, name in imports_of("runtime")
        if (
            part(name) not in {*RUNTIME_MAY_IMPORT, None}
            if (top := name.partition(".")[0]) == PACKAGE
            else top not in sys.stdlib_module_names and top not in OPTIONAL
        )
    ]
    assert wrong == []


#: Imported only where the program that is watched has them.
OPTIONAL = {"pytest", "_pytest"}


def test_every_module_says_why_it_exists() -> None:
    assert [module for module, read in modules().items() if not read.says_why] == []


def test_every_module_defers_its_annotations() -> None:
    assert [module for module, read in modules().items() if not read.defers_annotations] == []


@pytest.mark.parametrize(
    ("name", "also"),
    [
        ("clean.py", {"collections", "contextlib", "enum", "functools", "re", "signal", "typing"}),
        ("_clean.abi3.so", set()),
    ],
    ids=["text", "binary"],
)
def test_a_clean_run_loads_no_heavy_library(name: str, also: set[str], tmp_path: Path) -> None:
    """Start-up is most of a short run: what only the file with something in it needs, waits."""
    (tmp_path / "clean.py").write_text("import os\n\nprint(os.name)\n")
    (tmp_path / "_clean.abi3.so").write_bytes(made_elf(64, "<", needed=["libm.so.6"]))
    heavy = {"libcst", "rich", "pathspec", "tomllib", "tomli", "dataclasses", "inspect"} | also
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from no_libpython_dlopen.__main__ import main\n"
        f"sys.argv = ['nolibpy', 'check', '--isolated', {name!r}]\n"
        "status = main()\n"
        f"print(status, sorted({heavy} & set(sys.modules) - before))\n"
    )
    # What measures coverage would load some of them ahead of us.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-I", "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "0 []"


def test_the_runtime_works_where_nothing_else_is_installed() -> None:
    code = (
        "import importlib, sys\n"
        f"sys.path.insert(0, {str(SOURCE.parent)!r})\n"
        f"for name in {[name for name in modules() if part(name) == 'runtime']!r}:\n"
        "    if name.rpartition('.')[2] not in ('pytest_plugin', 'sitecustomize'):\n"
        "        importlib.import_module(name)\n"
        "tops = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(tops - set(sys.stdlib_module_names) - {'__main__', 'no_libpython_dlopen'}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
