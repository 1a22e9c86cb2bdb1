"""A repair of a module includes the libraries by which its need would come back."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from no_libpython_dlopen.binary.reader import read
from no_libpython_dlopen.binary.repair.repair import repair
from no_libpython_dlopen.model.facts import Needed
from no_libpython_dlopen.model.finding import Applicability
from no_libpython_dlopen.model.kind import Kind
from tests.binary.index_wheels import write_wheel
from tests.binary.test_fix_command import nolibpy

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")

LIBPYTHON = "libpython3.11.so.1.0"
NAME = "{}.cpython-311-x86_64-linux-gnu.so"


def link(path: Path, code: str, *needs: Path, options: tuple[str, ...] = ()) -> Path:
    """Build a shared object that needs others by their names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    source = path.with_suffix(".c")
    source.write_text(code)
    command = ["gcc", "-shared", "-fPIC", "-Wl,--no-as-needed", f"-Wl,-soname,{path.name}"]
    subprocess.run([*command, *options, source, *needs, "-o", path], check=True)
    source.unlink()
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder: ``both`` needs libpython and a library that does, ``one`` only itself."""
    root = tmp_path / "tree"
    python = link(tmp_path / LIBPYTHON, "int Py_IsInitialized(void) { return 0; }")
    library = link(root / "pkg.libs" / "libop.so", "int op(void) { return 1; }", python)
    host = "void Py_Initialize(void); int host(void) { Py_Initialize(); return 1; }"
    hosting = link(root / "pkg.libs" / "libhost.so", host, python)
    beside = ("-Wl,-rpath,$ORIGIN/../pkg.libs",)
    for module, needs in {
        "both": (library, python),
        "one": (python,),
        "through": (library,),
        "hosted": (hosting, python),
    }.items():
        code = f"void *PyInit_{module}(void) {{ return 0; }}"
        link(root / "pkg" / NAME.format(module), code, *needs, options=beside)
    return root


def fixes(facts: list[object]) -> dict[str, Applicability | str]:
    """Return how the need of each module would be removed, or why it is not."""
    found: dict[str, Applicability | str] = {}
    for fact in facts:
        assert isinstance(fact, Needed)
        module = fact.member.rpartition("/")[2].partition(".")[0]
        found[module] = fact.fix.applicability if fact.fix else fact.no_fix_reason
    return found


def wheel_of(tree: Path, folder: Path) -> Path:
    files = {
        path.relative_to(tree).as_posix(): path.read_bytes() for path in sorted(tree.rglob("*.so"))
    }
    return write_wheel(folder, "pkg", files, tags="cp311-cp311-linux_x86_64")


def test_a_fix_in_a_wheel_includes_the_libraries(tree: Path, tmp_path: Path) -> None:
    found = fixes(list(read(str(wheel_of(tree, tmp_path / "dist")), Kind.ARCHIVE)))
    hosted = found.pop("hosted")
    assert found == {
        "both": Applicability.UNSAFE,
        "one": Applicability.SAFE,
        "through": Applicability.UNSAFE,
    }
    assert str(hosted).startswith("`pkg.libs/libhost.so`, which it loads, needs it too and cannot")


def test_a_safe_repair_removes_only_what_has_an_effect(tree: Path, tmp_path: Path) -> None:
    wheel = wheel_of(tree, tmp_path / "dist")
    assert repair(str(wheel)).repaired == (f"pkg/{NAME.format('one')}",)
    done = nolibpy(wheel.parent, "fix", wheel.name)
    assert "2 fixable with `nolibpy fix --unsafe-fixes`" in done.stdout


def test_an_unsafe_repair_removes_all_or_nothing(tree: Path, tmp_path: Path) -> None:
    wheel = wheel_of(tree, tmp_path / "dist")
    done = nolibpy(wheel.parent, "fix", "--unsafe-fixes", wheel.name)
    assert "Fixed 3 findings in 1 file" in done.stdout
    assert set(fixes(list(read(str(wheel), Kind.ARCHIVE)))) == {"hosted"}
    assert done.returncode == 1


def test_a_tree_tells_what_remains(tree: Path) -> None:
    assert nolibpy(tree.parent, "fix", "tree").stdout.count("Fixed 1 finding in 1 file") == 1
    (need,) = read(str(tree / "pkg" / NAME.format("both")), Kind.BINARY)
    assert isinstance(need, Needed)
    assert need.fix is None
    assert need.no_fix_reason.startswith("`../pkg.libs/libop.so`, which it loads, needs it too")


@pytest.mark.parametrize("folder", ["usr/lib/python3/dist-packages", "usr/lib64/python3.11/x"])
def test_libraries_of_the_system_around_a_module_count(tmp_path: Path, folder: str) -> None:
    """Debian's ldb was "clean" after its repair, and mapped libpython all the same."""
    python = link(tmp_path / LIBPYTHON, "int Py_IsInitialized(void) { return 0; }")
    root = tmp_path / "root"
    helper = link(root / "usr" / "lib" / "libhelp.so.2", "int help(void) { return 1; }", python)
    module = root / folder / NAME.format("ldb")
    link(module, "void *PyInit_ldb(void) { return 0; }", helper, python)
    (need,) = read(str(module), Kind.BINARY)
    assert isinstance(need, Needed)
    assert need.no_fix_reason.startswith("`/usr/lib/libhelp.so.2`, which it loads, needs it too")
    helper.unlink()
    (need,) = read(str(module), Kind.BINARY)
    assert isinstance(need, Needed)
    assert need.fix is not None


@pytest.mark.parametrize("starts", [False, True], ids=["repaired", "left"])
def test_a_library_that_python_opens_is_repaired_with_its_own(tmp_path: Path, starts: bool) -> None:
    """TensorFlow opens ``libops.so``, which loads what starts Python, or does not."""
    root = tmp_path / "tree"
    python = link(tmp_path / LIBPYTHON, "int Py_IsInitialized(void) { return 0; }")
    code = "void Py_Initialize(void); int a(void) { Py_Initialize(); return 1; }"
    library = link(root / "pkg/libinner.so", code if starts else "int a(void);", python)
    link(root / "pkg/libops.so", "int b(void);", library, python)
    wheel = wheel_of(root, tmp_path / "dist")
    found = fixes(list(read(str(wheel), Kind.ARCHIVE)))
    done = repair(str(wheel), unsafe=True)
    if starts:
        assert found.keys() == {"libops"}
        assert str(found["libops"]).startswith("`pkg/libinner.so`, which it loads, needs it too")
        assert done.repaired == ()
    else:
        assert found == {"libops": Applicability.UNSAFE, "libinner": Applicability.UNSAFE}
        assert set(done.repaired) == {"pkg/libops.so", "pkg/libinner.so"}
        assert not list(read(str(wheel), Kind.ARCHIVE))
