"""What is run before a release, on each Python that is there: ``nox -l`` lists it."""

from __future__ import annotations

import nox

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
PLUGIN = "./flake8_plugin"

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["tests", "lint", "types", "docs"]
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False


def install(session: nox.Session, extra: str = "test") -> None:
    session.install("-e", f".[{extra}]", PLUGIN)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The whole suite."""
    install(session)
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """The suite, with the branches that it takes.

    In one process for the build files and one for the rest: in a single one, and of two
    workers, some of what the tests of the build files reach went unrecorded.
    """
    install(session, "dev")
    session.run("coverage", "erase")
    for part in (("tests/buildsystems",), ("tests", "--ignore=tests/buildsystems")):
        session.run("coverage", "run", "-m", "pytest", "-n0", *part, *session.posargs)
    session.run("coverage", "combine", success_codes=[0, 1])
    session.run("coverage", "report")


@nox.session
def lint(session: nox.Session) -> None:
    """Style, and what nolibpy says of itself."""
    install(session)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("nolibpy", "check", ".")


@nox.session(python=PYTHONS)
def types(session: nox.Session) -> None:
    """Strict types, as each Python's standard library has them."""
    install(session)
    session.run("mypy", "--python-version", str(session.python))
    session.run("mypy", "--strict", "flake8_plugin/src/flake8_no_libpython_dlopen.py")


@nox.session
def docs(session: nox.Session) -> None:
    """The site, strictly, and every command that it shows. ``-- serve`` to look at it."""
    install(session)
    if session.posargs == ["serve"]:
        session.run("mkdocs", "serve")
        return
    session.run("mkdocs", "build", "--strict", "--site-dir", "site")
    session.run("python", "-m", "pytest", "tests/docs")


@nox.session
def network(session: nox.Session) -> None:
    """The tests that download large files."""
    install(session)
    session.run("python", "-m", "pytest", "-m", "network", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Property tests and fuzzed readers, for long: ``-- 20000 300`` are examples and seconds each.

    Without numbers 5,000 and 60. With atheris, where there is one (Linux, CPython 3.11 and
    later), inputs follow what they reach; an input that breaks a promise joins
    ``tests/fuzz/corpus``.
    """
    install(session)
    session.install("--only-binary=atheris", "atheris>=3", success_codes=[0, 1])
    examples, seconds, *_ = [*session.posargs, *["5000", "60"][len(session.posargs) :]]
    session.run("python", "-m", "tests.fuzz", "--seconds", seconds)
    session.run(
        *("python", "-m", "pytest", "-m", "not network", "-k", "fuzz or property or generated"),
        env={"NOLIBPY_EXAMPLES": examples, "HYPOTHESIS_PROFILE": "long"},
    )


@nox.session
def mutation(session: nox.Session) -> None:
    """Changes to the parts on which safety rests, each of which some test must notice.

    All of them take hours: ``-- --max-children 2 'no_libpython_dlopen.knowledge.libpython_names.*'`` is a part.
    What no test noticed is listed at the end.
    """
    install(session, "dev")
    session.install("mutmut>=3.8")
    session.run("python", "tests/knowledge/mutated_patterns.py")
    session.run("mutmut", "run", *session.posargs)
    session.run("mutmut", "results")


@nox.session
def audit(session: nox.Session) -> None:
    """Known vulnerabilities of what we depend on."""
    session.install(".[completion,conda,dask,fast,index,server,watch]", PLUGIN, "pip-audit>=2.7")
    # Ours are on no index while they are developed, and `--strict` fails on what it cannot ask about.
    names = ("no-libpython-dlopen", "flake8-no-libpython-dlopen")
    session.run("python", "-m", "pip", "uninstall", "-q", "-y", *names)
    session.run("pip-audit", "--local", "--strict", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """The table of the README."""
    install(session)
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def golden(session: nox.Session) -> None:
    """Every output of the tool: ``-- record FOLDER``, and later ``-- compare FOLDER OTHER``."""
    install(session)
    session.run("python", "-m", "tests.golden", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Both distributions, checked."""
    session.install("build", "twine")
    session.run("python", "-m", "build", "--outdir", "dist", ".")
    session.run("python", "-m", "build", "--outdir", "dist", PLUGIN)
    session.run("twine", "check", "--strict", "dist/*", external=True)
