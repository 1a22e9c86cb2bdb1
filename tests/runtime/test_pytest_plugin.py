"""The pytest plugin, in pytest runs of their own."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.interpreters import SRC

pytestmark = pytest.mark.slow

Write = Callable[..., Path]

TESTS = """
import ctypes, contextlib, os, pathlib
import pytest

STRAY = os.environ["STRAY"]

def load():
    return ctypes.CDLL(STRAY)

def test_clean():
    ctypes.CDLL(None)

def test_opens():
    load()

def test_swallows():
    with contextlib.suppress(Exception):
        load()

@pytest.fixture
def library():
    return load()

def test_by_fixture(library):
    pass

@pytest.mark.parametrize("number", [1, 2])
def test_with_parameters(number):
    if number == 2:
        load()

def test_allowed():
    from no_libpython_dlopen.runtime import allow
    with allow():
        load()

def test_fails_anyway():
    load()
    assert False
"""

OPENED = ["test_opens", "test_swallows", "test_by_fixture", "test_with_parameters[2]"]


def run(path: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST")
    }
    environment |= {"PYTHONPATH": str(SRC), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **variables}
    command = [sys.executable, "-m", "pytest", "-p", "no_libpython_dlopen.runtime.pytest_plugin"]
    command += ["-p", "no:cacheprovider", "--color=no", "-rfE", f"--rootdir={path.parent}"]
    command += [*options, str(path)]
    return subprocess.run(
        command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False
    )


def outcomes(output: str) -> dict[str, int]:
    last = output.strip().splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error)", last)}


def summary(output: str) -> list[str]:
    """Return the tests that the section lists."""
    section = re.split(r"^=+ libpython =+$", output, flags=re.MULTILINE)[1]
    return re.findall(r"^test_it\.py::(\S+)$", section, flags=re.MULTILINE)


def test_without_the_option_nothing_is_watched(script: Write, stray: Path) -> None:
    result = run(script(TESTS, "test_it.py"), STRAY=str(stray))
    assert outcomes(result.stdout) == {"failed": 1, "passed": 7}
    assert "NLP401" not in result.stdout


def test_with_warn_the_tests_are_listed_with_their_ids(script: Write, stray: Path) -> None:
    path = script(TESTS, "test_it.py")
    result = run(path, "--nolibpy=warn", "-Werror", STRAY=str(stray))
    assert outcomes(result.stdout) == {"failed": 1, "passed": 7}
    assert summary(result.stdout) == [*OPENED, "test_fails_anyway"]
    assert f"    {path}:8: NLP401 ctypes opens `{stray}`" in result.stdout


def test_with_error_they_fail_even_if_the_exception_is_swallowed(
    script: Write, stray: Path
) -> None:
    result = run(script(TESTS, "test_it.py"), "--nolibpy=error", STRAY=str(stray))
    assert outcomes(result.stdout) == {"failed": 4, "passed": 3, "error": 1}
    assert summary(result.stdout) == [*OPENED, "test_fails_anyway"]
    assert "libpython was opened:" in result.stdout
    assert result.returncode == 1


SUPPRESSED = """import ctypes, os
def test_noqa(): ctypes.CDLL(os.environ["STRAY"])  # noqa: NLP401
def test_ours(): ctypes.CDLL(os.environ["STRAY"])  # nolibpy: ignore
def test_other(): ctypes.CDLL(os.environ["STRAY"])  # noqa: E501
"""


SKIPPED = """
import ctypes, os, pytest

def load():
    try: ctypes.CDLL(os.environ["STRAY"])
    except Exception: pass

def test_skips():
    load()
    pytest.skip("later")

@pytest.mark.skip
def test_is_not_run(): load()

@pytest.mark.xfail
def test_passes(): load()

@pytest.mark.xfail
def test_raises(): ctypes.CDLL(os.environ["STRAY"])

@pytest.mark.xfail(raises=ValueError)
def test_raises_something_else(): ctypes.CDLL(os.environ["STRAY"])
"""


def test_a_test_that_is_skipped_after_it_opened_libpython_fails(script: Write, stray: Path) -> None:
    path = script(SKIPPED, "test_skipped.py")
    result = run(path, "--nolibpy=error", STRAY=str(stray))
    failed = re.findall(r"^FAILED test_skipped.py::(\w+)", result.stdout, re.MULTILINE)
    assert failed == ["test_skips", "test_passes", "test_raises_something_else"]
    _, _, listed = result.stdout.partition(" libpython ===")
    assert "test_skipped.py::test_raises\n" in listed
    assert "test_is_not_run" not in listed
    module = script(
        "import test_skipped, pytest\ntest_skipped.load()\npytest.skip('later', allow_module_level=True)\n",
        "test_module.py",
    )
    result = run(module, "--nolibpy=error", STRAY=str(stray))
    assert (result.returncode != 0, "ERROR test_module.py" in result.stdout) == (True, True)
    assert run(module, "--nolibpy=warn", STRAY=str(stray)).returncode == 5  # no tests


def test_a_comment_on_the_line_counts(script: Write, stray: Path) -> None:
    result = run(script(SUPPRESSED, "test_it.py"), "--nolibpy=error", STRAY=str(stray))
    assert outcomes(result.stdout) == {"failed": 1, "passed": 2}
    assert summary(result.stdout) == ["test_other"]


@pytest.mark.parametrize(
    ("option", "line", "failed"),
    [
        ("--nolibpy-allow=libpython3.99*", "", 0),
        ("--nolibpy-allow=test_it", "", 0),
        ("--nolibpy-allow=other", "", 3),
        ("-q", "libpython3.98*\n    libpython3.99*", 0),
        ("-q", "other", 3),
    ],
)
def test_what_is_allowed_is_no_finding(
    script: Write, stray: Path, option: str, line: str, failed: int
) -> None:
    script(f"[pytest]\nnolibpy_allow =\n    {line}\n", "pytest.ini")
    path = script(SUPPRESSED.replace("#", "# no"), "test_it.py")
    result = run(path, "--nolibpy=error", option, STRAY=str(stray))
    assert outcomes(result.stdout).get("failed", 0) == failed
    assert result.returncode == bool(failed)


@pytest.mark.parametrize(("action", "errors"), [("warn", 0), ("error", 1)])
def test_what_a_file_opens_while_it_is_collected_counts_for_the_file(
    script: Write, stray: Path, action: str, errors: int
) -> None:
    source = "import ctypes, os\ntry:\n    ctypes.CDLL(os.environ['STRAY'])\nexcept Exception:\n    pass\n"
    source += "def test_nothing(): pass\n"
    result = run(script(source, "test_it.py"), f"--nolibpy={action}", STRAY=str(stray))
    assert outcomes(result.stdout).get("error", 0) == errors
    section = result.stdout.split("= libpython =")[-1]
    assert "\ntest_it.py\n    " in section
    assert "test_it.py:3: NLP401" in section


LOADS = (
    "import ctypes, os\ntry:\n    ctypes.CDLL(os.environ['STRAY'])\nexcept Exception:\n    pass\n"
)


@pytest.mark.parametrize(("action", "status"), [("warn", 0), ("error", 1)])
def test_what_a_conftest_opens_when_pytest_starts_counts_for_the_session(
    script: Write, stray: Path, action: str, status: int
) -> None:
    script(LOADS, "conftest.py")
    result = run(
        script("def test_nothing(): pass\n", "test_it.py"), f"--nolibpy={action}", STRAY=str(stray)
    )
    assert result.returncode == status
    section = result.stdout.split("= libpython =")[-1]
    assert "\nstart of the session\n    " in section
    assert "conftest.py:3: NLP401" in section


def test_what_the_conftest_of_a_folder_opens_counts_for_the_folder(
    script: Write, stray: Path
) -> None:
    (stray.parent / "sub" / "deep").mkdir(parents=True)
    script(LOADS, "sub/deep/conftest.py")
    script("def test_nothing(): pass\n", "sub/deep/test_it.py")
    start = script("", "empty.py").parent / "sub"
    for action, status in (("warn", 0), ("error", 1)):
        result = run(start, f"--nolibpy={action}", STRAY=str(stray))
        assert (result.returncode, outcomes(result.stdout)) == (status, {"passed": 1})
        section = result.stdout.split("= libpython =")[-1]
        assert "\nsub/deep\n    " in section
        assert "conftest.py:3: NLP401" in section


@pytest.mark.parametrize(("action", "status"), [("warn", 0), ("error", 1)])
def test_what_is_opened_after_the_last_test_is_told(
    script: Write, stray: Path, action: str, status: int
) -> None:
    body = LOADS.replace("\n", "\n    ").replace("import ctypes, os", "    import ctypes, os")
    script(f"def pytest_sessionfinish():\n{body}", "conftest.py")
    result = run(
        script("def test_nothing(): pass\n", "test_it.py"), f"--nolibpy={action}", STRAY=str(stray)
    )
    assert result.returncode == status
    assert "\nend of the session\n    " in result.stdout.split("= libpython =")[-1]


def test_workers_of_xdist_tell_what_files_opened_while_they_were_collected(
    script: Write, stray: Path
) -> None:
    if importlib.util.find_spec("xdist") is None:
        pytest.skip("pytest-xdist is not installed")
    script(LOADS, "conftest.py")
    path = script(LOADS + "def test_nothing(): pass\n", "test_it.py")
    result = run(path, "-p", "xdist.plugin", "-n", "2", "--nolibpy=warn", STRAY=str(stray))
    section = result.stdout.split("= libpython =")[-1]
    assert "conftest.py:3: NLP401" in section
    assert "\ntest_it.py\n    " in section
    assert section.count("test_it.py:3: NLP401") == 1


def test_what_raises_no_event_counts_for_its_test(script: Write, stray: Path) -> None:
    if importlib.util.find_spec("_cffi_backend") is None:
        pytest.skip("cffi is not installed")
    source = "import cffi, os\ndef test_before(): pass\n"
    source += "def test_cffi(): cffi.FFI().dlopen(os.environ['STRAY'])\ndef test_after(): pass\n"
    result = run(script(source, "test_it.py"), "--nolibpy=error", STRAY=str(stray))
    assert outcomes(result.stdout) == {"failed": 1, "passed": 2}
    assert summary(result.stdout) == ["test_cffi"]


def test_workers_of_xdist_report_as_well(script: Write, stray: Path) -> None:
    if importlib.util.find_spec("xdist") is None:
        pytest.skip("pytest-xdist is not installed")
    options = ("-p", "xdist.plugin", "-n", "2", "--nolibpy=warn")
    result = run(script(TESTS, "test_it.py"), *options, STRAY=str(stray))
    assert sorted(summary(result.stdout)) == sorted([*OPENED, "test_fails_anyway"])


def test_pytest_finds_the_plugin_by_its_entry_point() -> None:
    table = (SRC.parent / "pyproject.toml").read_text()
    name = 'nolibpy = "no_libpython_dlopen.runtime.pytest_plugin"'
    assert f"[project.entry-points.pytest11]\n{name}\n" in table


def test_pytest_warns_of_nothing_where_the_guard_is_imported_before_it(tmp_path: Path) -> None:
    # The warning that a package with a plugin cannot be rewritten is an error under -W error.
    (tmp_path / "test_it.py").write_text("def test_nothing(): pass\n")
    variables = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST")}
    variables["PYTHONPATH"] = str(SRC)
    options = ["-m", "pytest", "-q", "-W", "error::pytest.PytestWarning", "-p", "no:cacheprovider"]
    for start in ([], ["-m", "no_libpython_dlopen", "run", "--error"]):
        command = [sys.executable, *start, *options, "--rootdir", str(tmp_path), "test_it.py"]
        result = subprocess.run(
            command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
        )
        assert (result.returncode, result.stderr) == (0, "")
