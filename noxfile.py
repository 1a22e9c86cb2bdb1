"""The sessions of nox, on each Python that is installed: ``nox -l`` lists them."""

from __future__ import annotations

import sys

import nox

PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14", "3.15"]
FREE_THREADED = ["3.13t", "3.14t", "3.15t"]
PLUGIN = "./flake8_plugin"
DEV = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "dev")

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["tests", "lint", "types", "docs"]
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False


def install(session: nox.Session, *more: str) -> None:
    # Older versions of pip do not see that the plugin's dependency is what is installed here,
    # unless it is also named without an extra.
    session.install("-e", ".", "-e", ".[test]", PLUGIN, *more)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """All tests but those that download large files."""
    install(session)
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(python=FREE_THREADED)
def free_threaded(session: nox.Session) -> None:
    """What runs in the user's process, without the global lock: guard, doctor and grammar.

    Dependencies of other tests lack wheels for these builds.
    """
    # The newest libcst and hypothesis have no wheels for some of these builds.
    session.install("--prefer-binary", "-e", ".", "pytest", "pytest-xdist", "hypothesis")
    session.run("python", "-m", "pytest", "tests/runtime", "tests/knowledge", *session.posargs)


@nox.session(python=False)
def sid(session: nox.Session) -> None:
    """The guard and the doctor on static Python 3.13 to 3.15, in a chroot of Debian's sid.

    As root on Linux, with mmdebstrap: ``-- DIR`` is the chroot, which is made if it is missing.
    """
    session.run(sys.executable, "-m", "tests.sid", *(session.posargs or [".nox/sid"]))


@nox.session(name="install-routes")
def install_routes(session: nox.Session) -> None:
    """pip, uv, uvx, pipx, pre-commit and flake8 install wheels of this tree on 3.10 to 3.14.

    ``-- --chroot DIR`` looks there for the Pythons that this machine lacks; see ``sid``.
    """
    session.install("build", "pip")
    session.run("python", "-m", "tests.install_routes", *session.posargs)


@nox.session(python=False)
def quick(session: nox.Session) -> None:
    """Case files, rules' pages and the architecture, in the environment that runs nox."""
    parts = ("tests/test_architecture.py", "tests/rules", "tests/knowledge")
    cases = ("tests/python/test_cases.py", "tests/buildsystems/test_cases.py")
    selected = "not slow and not network"
    session.run(sys.executable, "-m", "pytest", "-m", selected, *parts, *cases, *session.posargs)


@nox.session
def artefacts(session: nox.Session) -> None:
    """What PyInstaller, shiv and pex make, and the tools of the system that are there."""
    install(session, "pyinstaller", "shiv", "pex")
    session.run("python", "-m", "pytest", "tests/binary/test_shipped_formats.py", *session.posargs)
    session.run("python", "-m", "pytest", "tests/docs/test_commands.py", "-k", "artefacts")


@nox.session
def coverage(session: nox.Session) -> None:
    """Branch coverage of the suite.

    In one process for the build files and one for the rest: in a single one, and of two
    workers, some of what the tests of the build files reach went unrecorded. Coverage itself
    breaks in ten programs of tests/runtime/test_run.py, which replace `os.open` and the like.
    """
    install(session, *DEV)
    session.run("coverage", "erase")
    for part in (("tests/buildsystems",), ("tests", "--ignore=tests/buildsystems")):
        words = ("coverage", "run", "-m", "pytest", "-n0", *part, *session.posargs)
        session.run(*words, success_codes=[0, 1])
    session.run("coverage", "combine", success_codes=[0, 1])
    session.run("coverage", "report")


@nox.session
def lint(session: nox.Session) -> None:
    """Style, and nolibpy's findings in itself."""
    install(session)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("nolibpy", "check", ".")


@nox.session(python=PYTHONS)
def types(session: nox.Session) -> None:
    """Strict types, checked for each Python version."""
    install(session)
    session.run("mypy", "--python-version", str(session.python))
    session.run("mypy", "--strict", "flake8_plugin/src/flake8_no_libpython_dlopen.py")


@nox.session
def docs(session: nox.Session) -> None:
    """The site, built strictly, and every command it shows; ``-- serve`` for a preview."""
    install(session)
    if session.posargs == ["serve"]:
        session.run("mkdocs", "serve")
        return
    session.run("mkdocs", "build", "--strict", "--site-dir", "site")
    session.run("python", "-m", "pytest", "tests/docs")


@nox.session(name="docs-walk")
def docs_walk(session: nox.Session) -> None:
    """All pages in a browser, at two widths: links, overflow, and pictures to look at.

    Needs a Chromium of the system; the pictures are in ``.nox/docs-walk/pictures``.
    """
    install(session, "playwright")
    session.run("python", "-m", "pytest", "-n0", "tests/docs/test_site.py", *session.posargs)
    site, pictures = (f"{session.virtualenv.location}/{name}" for name in ("site", "pictures"))
    session.run("mkdocs", "build", "--strict", "--quiet", "--site-dir", site)
    session.run("python", "-m", "tests.docs.screenshots", site, pictures)


@nox.session
def network(session: nox.Session) -> None:
    """The tests that download large files."""
    install(session)
    session.run("python", "-m", "pytest", "-m", "network", *session.posargs)


@nox.session
def executors(session: nox.Session) -> None:
    """The survey on real clusters of Dask and Ray, and on loky's processes."""
    install(session, "ray[client]>=2.30", "loky>=3.4")
    tests = ("tests/survey/test_command.py", "tests/survey/test_executors.py")
    session.run("python", "-m", "pytest", "-n0", *tests, *session.posargs)


@nox.session(name="real-sources")
def real_sources(session: nox.Session) -> None:
    """The report on 185 Debian source packages, against verdicts that people reached by reading.

    Fetches them by ``apt-get source``, some 2 GB; ``-- --folder FOLDER`` has them already.
    """
    install(session)
    session.run("python", "-m", "tests.real", *session.posargs)


@nox.session(name="real-repositories")
def real_repositories(session: nox.Session) -> None:
    """The findings in 149 repositories that use ctypes, embed Python or build modules, against a table.

    Clones them from GitHub, some 500 MB; a folder of clones may be given.
    """
    install(session)
    session.run("python", "-m", "tests.real.repositories", *session.posargs)


@nox.session(name="real-loads")
def real_loads(session: nox.Session) -> None:
    """The fixes of real loads of libpython, against a table; a folder of clones may be given."""
    install(session)
    session.run("python", "-m", "tests.real.loads", *session.posargs)


@nox.session(name="real-artefacts")
def real_artefacts(session: nox.Session) -> None:
    """The findings in real wheels and Debian packages, against a table with verdicts.

    Fetches them by ``pip download`` and ``apt-get download``, on Debian 12; builds mod_wsgi.
    """
    install(session)
    session.run("python", "-m", "tests.real.artefacts", *session.posargs)


@nox.session(name="real-builds")
def real_builds(session: nox.Session) -> None:
    """Modules of Debian packages, built before and after the fix of their build files.

    Needs ``apt-get build-dep PACKAGE/bookworm`` of those in ``tests/real/builds.tsv``; takes half
    an hour.
    """
    install(session)
    session.run("python", "-m", "tests.real.builds", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Long property tests and fuzzing: ``-- 20000 300`` are the examples and seconds of each.

    The defaults are 5,000 and 60. If atheris is available (Linux, CPython 3.11 and later),
    mutations are guided by coverage; an input that breaks a property is added to
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
def programs(session: nox.Session) -> None:
    """Random programs around ctypes, run before and after their safe fix: ``-- --seconds 600``.

    Needs a static and a shared Python with their libraries, as Debian and pyenv have them.
    """
    install(session)
    session.run("python", "-m", "tests.differential.random_runs", *session.posargs)


@nox.session
def growth(session: nox.Session) -> None:
    """Time and memory of files of 8 to 64 kB, and of one piece, for every reader: ``-- cmake``."""
    install(session)
    session.run("python", "-m", "tests.hostile.measure_growth", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Mutation tests of the parts on which safety depends, a sample with a seed.

    ``-- links --count 100`` for more of one target of ``tests/mutation/targets.py``; all take some
    hours. Mutants that survive are listed, with the figures of each target.
    """
    install(session, *DEV)
    session.run("python", "tests/knowledge/mutated_patterns.py")
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session
def audit(session: nox.Session) -> None:
    """Known vulnerabilities of the dependencies."""
    session.install(".[archives,completion,dask,fast,index,server,watch]", PLUGIN, "pip-audit>=2.7")
    # Ours are on no index while they are developed, and `--strict` fails on what it cannot ask about.
    names = ("no-libpython-dlopen", "flake8-no-libpython-dlopen")
    session.run("python", "-m", "pip", "uninstall", "-q", "-y", *names)
    session.run("pip-audit", "--local", "--strict", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmark table of the README."""
    install(session)
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def golden(session: nox.Session) -> None:
    """Every output of the tool: ``-- record DIR``, and later ``-- compare DIR OTHER``."""
    install(session)
    session.run("python", "-m", "tests.golden", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Both distributions, checked."""
    session.install("build", "twine")
    session.run("python", "-m", "build", "--outdir", "dist", ".")
    session.run("python", "-m", "build", "--outdir", "dist", PLUGIN)
    session.run("twine", "check", "--strict", "dist/*", external=True)


@nox.session
def constraints(session: nox.Session) -> None:
    """The versions that CI installs, resolved anew for all Pythons into .github/constraints.txt."""
    session.install("uv>=0.9")
    quiet = ("--quiet", "--no-header", "--no-annotate", "--no-emit-index-url")
    wanted = ("--universal", "--python-version", "3.10", "--extra", "test", "--group", "dev")
    target = ("--upgrade", "--output-file", ".github/constraints.txt")
    session.run("uv", "pip", "compile", *quiet, *wanted, *target, "pyproject.toml")


@nox.session
def comparison(session: nox.Session) -> None:
    """The table of docs/comparison.md, measured anew; needs gcc and a shared libpython."""
    session.install(".", "abi3audit", "auditwheel", "find_libpython", "ruff", "semgrep")
    session.run("python", "benchmarks/comparison.py", "--write")


@nox.session
def pylsp(session: nox.Session) -> None:
    """The plugin within the real python-lsp-server, asked by an editor."""
    install(session, "python-lsp-server>=1.12")
    session.run("python", "-m", "pytest", "-n0", "tests/server/test_pylsp_plugin.py")


@nox.session
def vscode(session: nox.Session) -> None:
    """The extension for VS Code: compiled, tested against the server, packaged. Needs npm."""
    install(session)
    session.run("python", "-m", "pytest", "-n0", "-m", "", "tests/end_to_end/test_vscode.py")
