"""A survey as it is run: on processes and on dask, interrupted, resumed, reported."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.binary.index_server import Index

pytestmark = pytest.mark.slow

Row = tuple[object, ...]
Population = tuple[Index, list[str]]
COMMAND = [sys.executable, "-m", "no_libpython_dlopen", "survey"]


def environment(index: Index, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    return {**kept, "PIP_INDEX_URL": index.simple, "PIP_CONFIG_FILE": os.devnull, **more}


def survey(
    folder: Path, index: Index, *arguments: str, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(index, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def rows(store: Path, query: str) -> list[Row]:
    connection = sqlite3.connect(store)
    try:
        return sorted(connection.execute(query))
    finally:
        connection.close()


def results(store: Path) -> list[list[Row]]:
    """Return all that a survey found, without what differs from run to run."""
    return [
        rows(store, "SELECT name, requirement, rank, status, version, reason FROM package"),
        rows(store, "SELECT package, filename, platform, python, abi, problem FROM wheel"),
        rows(store, "SELECT package, filename, code, member, library, cause FROM finding"),
    ]


def write_names(folder: Path, names: list[str]) -> Path:
    path = folder / "names.txt"
    path.write_text("".join(f"{name}\n" for name in names))
    return path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, population: Population) -> Path:
    """The store of a survey that went through, on processes."""
    index, names = population
    folder = tmp_path_factory.mktemp("done")
    write_names(folder, names)
    ran = survey(folder, index, "names.txt", "--store", "s.sqlite", "-j", "2")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "packages" in ran.stdout
    return folder / "s.sqlite"


def test_each_kind_of_package_is_what_it_is(done: Path) -> None:
    packages = {
        str(name): (status, reason)
        for name, status, reason in rows(done, "SELECT name, status, reason FROM package")
    }
    assert len(packages) == 30
    expected = {
        "clean": "examined",
        "pure": "examined",
        "needing": "examined",
        "static": "examined",
        "copy": "examined",
        "indirect": "examined",
        "broken": "failed",
        "source": "no wheel",
        "windows": "no wheel",
    }
    for name, (status, reason) in packages.items():
        assert (name, status) == (name, expected[name.partition("-")[0]])
        assert bool(reason) == (status != "examined")
    causes: dict[str, set[object]] = {}
    for name, code, cause in rows(done, "SELECT package, code, cause FROM finding"):
        causes.setdefault(str(name).partition("-")[0], set()).add((code, cause))
    assert causes == {
        "needing": {("NLP301", "linked to libpython3.x")},
        "static": {("NLP303", "contains libpython's static library")},
        "copy": {("NLP301", "ships a copy of libpython"), ("NLP302", "ships a copy of libpython")},
        "indirect": {("NLP301", "needs a library that is linked to libpython")},
    }


#: The program of a cluster, which says where it is, and what is passed to `--executor`.
CLUSTERS = {
    "distributed": (
        (
            "from distributed import LocalCluster\n"
            "if __name__ == '__main__':\n"
            "    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as c:\n"
            "        print(c.scheduler_address.removeprefix('tcp://'), flush=True)\n"
            "        sys.stdin.read()\n"
        ),
        "dask://{}",
    ),
    "ray": (
        (
            "import ray\n"
            "ray.init(num_cpus=2, include_dashboard=False, logging_level='ERROR')\n"
            "print('it runs', flush=True)\n"
            "sys.stdin.read()\n"
        ),
        "ray://auto",
    ),
}


@pytest.mark.parametrize("library", CLUSTERS)
def test_a_survey_on_a_cluster_finds_the_same(
    tmp_path: Path, population: Population, done: Path, library: str
) -> None:
    pytest.importorskip(library)
    index, names = population
    write_names(tmp_path, names)
    code, executor = CLUSTERS[library]
    script = tmp_path / "cluster.py"
    script.write_text(f"import sys\n{code}")
    cluster = subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(index),
    )
    with cluster:
        assert cluster.stdout is not None
        place = executor.format(cluster.stdout.readline().strip())
        ran = survey(tmp_path, index, "names.txt", "--store", "s.sqlite", "--executor", place)
        cluster.communicate("")
    assert ran.returncode == 0, ran.stderr
    assert results(tmp_path / "s.sqlite") == results(done)


@pytest.mark.parametrize(
    "factory", ["concurrent.futures:ThreadPoolExecutor", "loky:get_reusable_executor"]
)
def test_a_survey_on_any_executor_finds_the_same(
    tmp_path: Path, population: Population, done: Path, factory: str
) -> None:
    pytest.importorskip(factory.partition(":")[0])
    index, names = population
    write_names(tmp_path, names)
    executor = ["--executor", factory, "-j", "3"]
    ran = survey(tmp_path, index, "names.txt", "--store", "s.sqlite", *executor)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert results(tmp_path / "s.sqlite") == results(done)


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_a_survey_that_is_ended_half_way_resumes(
    tmp_path: Path, population: Population, done: Path, sign: signal.Signals
) -> None:
    index, names = population
    write_names(tmp_path, names)
    store = tmp_path / "s.sqlite"
    index.stall.add("/simple/static-12/")  # nothing comes of it until it is ended
    command = [*COMMAND, "names.txt", "--store", "s.sqlite", "-q", "-j", "2"]
    finished = "SELECT name FROM package WHERE status != 'pending'"
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(index), stderr=subprocess.PIPE
    ) as process:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            time.sleep(0.05)
            try:
                if len(rows(store, finished)) >= 8:
                    break
            except sqlite3.OperationalError:  # it is not there yet
                continue
        process.send_signal(sign)
        index.stall.clear()
        process.communicate(timeout=60)
    assert process.returncode != 0
    first = {name for (name,) in rows(store, finished)}
    assert 8 <= len(first) < 30
    index.seen.clear()
    ran = survey(tmp_path, index, "--store", "s.sqlite", "-q")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert results(store) == results(done)
    asked = {path.split("/")[2] for path, _ in index.seen if path.startswith("/simple/")}
    assert asked == set(names) - first


def test_what_failed_is_tried_again_when_that_is_asked_for(
    tmp_path: Path, population: Population
) -> None:
    index, _ = population
    assert survey(tmp_path, index, "broken-6", "clean-0", "-q").returncode == 0
    index.seen.clear()
    assert survey(tmp_path, index, "-q").returncode == 0
    assert index.seen == []
    assert survey(tmp_path, index, "--retry-failed", "-q").returncode == 0
    assert {path.split("/")[2] for path, _ in index.seen if "simple" in path} == {"broken-6"}


def test_the_report_comes_in_three_formats(done: Path, population: Population) -> None:
    index, _ = population
    ran = survey(done.parent, index, "report", "--store", done.name, "--output-dir", ".")
    assert ran.returncode == 0, ran.stderr
    markdown = done.with_suffix(".md").read_text()
    assert "needing-2" in markdown.replace("\\", "")
    report = json.loads(done.with_suffix(".json").read_text())
    affected = {each["package"] for each in report["affected"]}
    assert {name.partition("-")[0] for name in affected} == {
        "needing",
        "static",
        "copy",
        "indirect",
    }
    page = done.with_suffix(".html").read_text()
    assert "<script" not in page
    assert "src=" not in page
    assert not [word for word in ("href=", "url(", "@import", "<link") if word in page]


def test_the_page_is_shown_by_a_browser(done: Path, population: Population) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("there is no Chromium here")
    index, _ = population
    page = done.parent / "page.html"
    made = survey(done.parent, index, "report", "--store", done.name, "-o", page.name)
    assert made.returncode == 0
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000"]
    ran = subprocess.run(
        [
            browser,
            *options,
            f"--user-data-dir={done.parent / 'profile'}",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=90,
    )
    assert "needing-2" in ran.stdout
    assert ran.stdout.count("<svg") >= 2
    assert "of 27" in ran.stdout or "of 30" in ran.stdout
    assert "Content Security Policy" not in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["clean-0", "--executor", "nothing"], "MODULE:FACTORY"),
        (["clean-0", "--executor", "ray://127.0.0.1:9"], "ray"),
        (["clean-0", "--executor", "no_such_module:x"], "ModuleNotFoundError"),
        (["clean-0", "--executor", "os:getcwd"], "does not return an executor"),
        (["./no/such.txt"], "no such file"),
        (["Names.JSON"], "no such file"),
        (["spam-1.0-py3-none-any.whl"], "no such file"),
        (["report"], "no such file"),
        (["report", "x"], "takes no input"),
        (["clean-0", "--jobs", "0"], "must be a number above 0"),
        (["--sample", "3"], "no such file"),
    ],
)
def test_a_wrong_call_is_one_line(
    tmp_path: Path, population: Population, arguments: list[str], words: str
) -> None:
    ran = survey(tmp_path, population[0], *arguments)
    assert ran.returncode == 2
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_another_database_is_not_taken_for_a_store(tmp_path: Path, population: Population) -> None:
    other = sqlite3.connect(tmp_path / "s.sqlite")
    other.execute("CREATE TABLE t (a)")
    other.commit()
    other.close()
    ran = survey(tmp_path, population[0], "clean-0", "--store", "s.sqlite")
    assert ran.returncode == 2
    assert "not the database of a survey" in ran.stderr
    (tmp_path / "s.sqlite").write_bytes(b"noise" * 1000)
    ran = survey(tmp_path, population[0], "clean-0", "--store", "s.sqlite")
    assert (ran.returncode, "Traceback" in ran.stderr) == (2, False)


def test_a_sample_is_the_same_each_time_and_not_mixed(
    tmp_path: Path, population: Population
) -> None:
    index, names = population
    write_names(tmp_path, names)
    for store in ("a", "b"):
        assert (
            survey(
                tmp_path, index, "names.txt", "--sample", "5", "--seed", "7", "--store", store, "-q"
            ).returncode
            == 0
        )
    chosen = rows(tmp_path / "a", "SELECT name FROM package")
    assert len(chosen) == 5
    assert chosen == rows(tmp_path / "b", "SELECT name FROM package")
    other = survey(tmp_path, index, "names.txt", "--sample", "6", "--seed", "7", "--store", "a")
    assert other.returncode == 2
    assert "a different sample" in other.stderr
