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
from pathlib import Path

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
    "suppressions"  # the grammar of `# noqa`, where a program has such a comment
}

#: A folder shows its contents at a glance, a module fits into a head.
MOST_MODULES = 16
MOST_LINES = 400
#: Folders in which each rule, or each command, is a file.
ONE_FILE_EACH = {"rules", "cli"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield the dotted name and the tree of each module."""
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        yield ".".join(parts), ast.parse(path.read_text(encoding="utf-8"))


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


MODULES = dict(modules())


def test_every_part_of_the_package_has_its_layer() -> None:
    parts = {part(name) for name in MODULES} - {None}
    assert parts <= {name for line in LAYERS for name in line}


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_downward_only(module: str) -> None:
    here = part(module)
    if here is None:
        return
    for name in imported(MODULES[module]):
        there = part(name)
        known = {entry for line in LAYERS for entry in line}
        if there is None or there == here or there not in known or (here, there) in ALLOWED:
            continue
        assert layer(there) > layer(here), f"{module} imports {name}"


def imported_modules(module: str) -> set[str]:
    """Return the modules of the package that a module names in its imports, all of them."""
    found = set()
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if name in MODULES else node.module)
    return found & MODULES.keys()


def circles() -> set[frozenset[str]]:
    """Return the sets of modules that import each other, directly or through others."""
    reachable = {module: imported_modules(module) for module in MODULES}
    for middle in MODULES:
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


@pytest.mark.parametrize("module", MODULES)
def test_a_part_stays_away_from_what_it_must_not_know(module: str) -> None:
    forbidden = FORBIDDEN.get(part(module) or "", set())
    for name in imported(MODULES[module]):
        assert not any(name == one or name.startswith(f"{one}.") for one in forbidden), name


@pytest.mark.parametrize("module", [name for name in MODULES if part(name) == "rules"])
def test_a_rule_never_imports_another_rule(module: str) -> None:
    if module == f"{PACKAGE}.rules":
        return
    assert not [name for name in imported(MODULES[module]) if name.startswith(f"{PACKAGE}.rules")]


@pytest.mark.parametrize("module", [name for name in MODULES if part(name) == "runtime"])
def test_the_runtime_needs_nothing_but_the_standard_library(module: str) -> None:
    for name in imported(MODULES[module]):
        top = name.partition(".")[0]
        if top == PACKAGE:
            assert part(name) in {*RUNTIME_MAY_IMPORT, None}, f"{module} imports {name}"
        else:
            assert top in sys.stdlib_module_names or top in OPTIONAL, f"{module} imports {name}"


#: Imported only where the program that is watched has them.
OPTIONAL = {"pytest", "_pytest"}


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_why_it_exists(module: str) -> None:
    assert ast.get_docstring(MODULES[module])


@pytest.mark.parametrize("module", MODULES)
def test_every_module_defers_its_annotations(module: str) -> None:
    tree = MODULES[module]
    if any(isinstance(node, ast.arg | ast.AnnAssign) for node in ast.walk(tree)):
        futures = [
            alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module == "__future__"
            for alias in node.names
        ]
        assert "annotations" in futures


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
        f"for name in {[name for name in MODULES if part(name) == 'runtime']!r}:\n"
        "    if name.rpartition('.')[2] not in ('pytest_plugin', 'sitecustomize'):\n"
        "        importlib.import_module(name)\n"
        "tops = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(tops - set(sys.stdlib_module_names) - {'__main__', 'no_libpython_dlopen'}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
