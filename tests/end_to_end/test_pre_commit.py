"""A real ``pre-commit try-repo`` of this tree on a scratch repository."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.commands import ROOT, run
from tests.end_to_end.conftest import start_repository

yaml = pytest.importorskip("yaml", reason="comes with pre-commit")
pytest.importorskip("pre_commit")

pytestmark = pytest.mark.slow

LIBRARY = 'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
SETUP = """\
from setuptools import Extension, setup

setup(ext_modules=[Extension("spam", ["spam.c"], libraries=["m", "python3.11"])])
"""
MESON = """\
project('spam', 'c')
py = import('python').find_installation()
py.extension_module('spam', 'spam.c', dependencies: py.dependency(embed: true))
"""


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody's project, with a mistake of each kind."""
    folder = tmp_path_factory.mktemp("scratch") / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "library.py").write_text(LIBRARY)
    (folder / "setup.py").write_text(SETUP)
    (folder / "meson.build").write_text(MESON)
    if shutil.which("gcc"):
        needs_libpython(folder / "spam.abi3.so")
    start_repository(folder)
    return folder


def needs_libpython(target: Path) -> None:
    """Build an extension module that needs libpython."""
    folder = target.parent
    (folder / "a.c").write_text("void *PyInit_spam(void) { return 0; }\n")
    (folder / "b.c").write_text("int Py_IsInitialized(void) { return 0; }\n")
    library = folder / "libpython3.11.so"
    soname = "-Wl,-soname,libpython3.11.so.1.0"
    gcc = ["gcc", "-shared", "-fPIC"]
    subprocess.run([*gcc, soname, "-o", library, folder / "b.c"], check=True)
    options = ["-Wl,--no-as-needed", f"-L{folder}", "-lpython3.11"]
    subprocess.run([*gcc, "-o", target, folder / "a.c", *options], check=True)
    for rest in (library, folder / "a.c", folder / "b.c"):
        rest.unlink()


@pytest.fixture(scope="module")
def said(scratch: Path, tree: Path) -> dict[str, str]:
    """What each hook printed, in the order of the hooks' file."""
    done = run(
        *(sys.executable, "-m", "pre_commit", "try-repo", tree, "--all-files", "--verbose"),
        cwd=scratch,
        env={"PRE_COMMIT_COLOR": "never"},
    )
    text = done.stdout.decode() + done.stderr.decode()
    if re.search(r"No matching distribution|Connection|Temporary failure", text):
        pytest.skip("packages cannot be installed here")
    assert done.returncode == 1, text
    parts = re.split(r"^- hook id: (.*)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_python_hook_finds(said: dict[str, str]) -> None:
    assert "src/library.py:3:7: NLP101" in said["nolibpy"]
    assert "- exit code: 1" in said["nolibpy"]


def test_the_fix_hook_rewrites(said: dict[str, str], scratch: Path) -> None:
    assert "- files were modified by this hook" in said["nolibpy-fix"]
    text = (scratch / "src" / "library.py").read_text()
    assert text == LIBRARY.replace('PyDLL("libpython3.11.so")', "pythonapi")


def test_the_hook_for_build_files_finds(said: dict[str, str]) -> None:
    assert "meson.build:3:" in said["nolibpy-build"]
    assert "- exit code: 1" in said["nolibpy-build"]


def test_the_fix_hook_for_build_files_rewrites(said: dict[str, str], scratch: Path) -> None:
    assert "- files were modified by this hook" in said["nolibpy-build-fix"]
    assert "embed" not in (scratch / "meson.build").read_text()


def test_setup_py_is_checked_by_one_hook(said: dict[str, str], scratch: Path) -> None:
    assert "setup.py:" in said["nolibpy"]
    assert "setup.py" not in said["nolibpy-build"]
    assert '"python3.11"' not in (scratch / "setup.py").read_text()


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_the_hook_for_wheels_finds(said: dict[str, str]) -> None:
    assert "spam.abi3.so:1:1: NLP301" in said["nolibpy-wheels"]


def test_both_names_of_the_hooks_file_are_one_file() -> None:
    link = ROOT / "pre-commit-hooks.yaml"
    assert link.read_bytes() == (ROOT / ".pre-commit-hooks.yaml").read_bytes()


def test_the_hooks_are_valid_by_pre_commits_own_check() -> None:
    for kind, name in (
        ("manifest", ".pre-commit-hooks.yaml"),
        ("config", ".pre-commit-config.yaml"),
    ):
        done = run(sys.executable, "-m", "pre_commit", f"validate-{kind}", name, cwd=ROOT)
        assert done.returncode == 0, done.stdout.decode()


def test_the_build_hook_matches_the_names_that_are_read_as_build_files() -> None:
    from identify.identify import tags_from_filename

    from no_libpython_dlopen.model.kind import KINDS, Kind, kind_of

    hooks = {
        hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    }
    pattern = re.compile(hooks["nolibpy-build"]["files"])
    assert hooks["nolibpy-build-fix"]["files"] == hooks["nolibpy-build"]["files"]
    names = [
        *("setup.py", "setup.cfg", "pyproject.toml", "CMakeLists.txt", "a.cmake", "meson.build"),
        *("Makefile", "makefile", "GNUmakefile", "a.mk", "a.mak", "Makefile.am", "configure.ac"),
        *("configure.in", "a.sh", "a.bash", "Dockerfile", "Containerfile", "a.dockerfile"),
        *("SConstruct", "SConscript", "BUILD", "BUILD.bazel", "a.bzl", "Cargo.toml", "build.rs"),
        *("a.pyx", "a.pxd", "meson.options", "CMakeLists.txt.in", "Makefile.in", "Makefile.linux"),
        *("a.am", "a.ebuild", "PKGBUILD", "Dockerfile.dev", "dev.Dockerfile", "Sconstruct"),
        *("wscript", "wscript_build", "sconscript", "containerfile", "tox.ini", "a.spec", "a.pth"),
        *(
            "a.nix",
            "meta.yaml",
            "recipe.yaml",
            "meta.yml",
            "action.yml",
            "action.yaml",
            ".gitlab-ci.yml",
        ),
        *(".cargo/config.toml", ".cargo/config", "cargo/config.toml", "other.yaml"),
        *(
            ".travis.yml",
            "azure-pipelines.yaml",
            ".circleci/config.yml",
            "config.yml",
            "zlib.BUILD",
        ),
        *(
            "CMakeLists-python.txt",
            "Makefile-python",
            "Makefile_notes",
            "Submakefile",
            "Make.rules",
        ),
        *(".github/workflows/a.yml", ".github/workflows/a.yaml", "workflows/a.yml"),
    ]
    python = set(hooks["nolibpy"]["types_or"])
    assert set(hooks["nolibpy-fix"]["types_or"]) == python
    for name in names:
        known = kind_of(name) is not None
        is_python = bool(python & tags_from_filename(name))
        assert bool(pattern.search(f"sub/{name}")) == (known and not is_python), name
    assert {kind_of(name) for name in names} >= {
        kind for kind in KINDS.values() if kind not in (Kind.NOTEBOOK, Kind.BINARY, Kind.ARCHIVE)
    }
    assert not pattern.search("src/library.py")
    assert not pattern.search("mysetup.py")


def test_our_own_configuration_runs_nolibpy_ruff_and_mypy() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    entries = " ".join(hook["entry"] for repo in config["repos"] for hook in repo["hooks"])
    for tool in ("nolibpy check", "ruff check", "ruff format", "mypy"):
        assert tool in entries
