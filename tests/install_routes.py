"""Installs nolibpy the ways that the documentation names, on each Python that is found.

``python -m tests.install_routes [--chroot DIR] [VERSION…]`` builds both wheels of this tree, and
has pip, ``uv tool install``, ``uvx``, pipx, pre-commit and flake8 install from them on Python
3.10 to 3.14. What was installed prints its version, reports a load, and fixes it. Needs a
network for the dependencies. Versions that are not installed here are looked for in the chroot
(see ``tests/sid.py``), where this file runs by itself: it imports only the standard library.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
NAME = "no-libpython-dlopen"
LOAD = 'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
FIXED = LOAD.replace('PyDLL("libpython3.11.so")', "pythonapi")


class Failed(Exception):
    """A command did not do what is expected of it."""


class Absent(Exception):
    """Something that a route needs is not on this machine."""


class Trial:
    """A directory in which one route is tried with one Python, and the commands run in it."""

    def __init__(self, folder: Path, wheels: Path, tree: Path, python: Path) -> None:
        self.folder = folder
        self.wheels = wheels
        self.tree = tree
        self.python = python
        self.project = folder / "project"
        self.project.mkdir(parents=True)
        self.environment = {name: os.environ[name] for name in os.environ if _is_kept(name)} | {
            "HOME": str(folder / "home"),
            "NO_COLOR": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIPX_BIN_DIR": str(folder / "bin"),
            "PIPX_HOME": str(folder / "pipx"),
            "PRE_COMMIT_COLOR": "never",
            "PRE_COMMIT_HOME": str(folder / "pre-commit"),
            "UV_CACHE_DIR": str(folder.parent / "uv-cache"),
            "UV_FIND_LINKS": str(wheels),
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_TOOL_BIN_DIR": str(folder / "bin"),
            "UV_TOOL_DIR": str(folder / "tools"),
        }

    def run(self, *command: str | Path, status: int = 0, says: str = "") -> str:
        """Run a command; raise :class:`Failed` unless its status and output are the expected."""
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != status or says not in done.stdout:
            line = " ".join(map(str, command))
            raise Failed(f"$ {line}\n{done.stdout}status {done.returncode}, wanted {status} {says}")
        return done.stdout

    def environment_of(self, *packages: str | Path) -> Path:
        """Return the directory of commands of a new environment with some packages."""
        target = self.folder / f"environment-{len(packages)}"
        self.run(self.python, "-m", "venv", "--without-pip", target)
        (pip,) = self.wheels.glob("pip-*.whl")
        python = target / "bin" / "python"
        self.run(python, pip / "pip", "install", "-q", "pip", f"--find-links={self.wheels}")
        links = f"--find-links={self.wheels}"
        self.run(target / "bin" / "pip", "install", "-q", links, *packages)
        return target / "bin"

    def try_out(self, *command: str | Path) -> None:
        """Have an installed ``nolibpy`` print its version, report a load and fix it."""
        (self.project / "app.py").write_text(LOAD)
        version = re.search(r"-(\d[^-]*)-", next(self.wheels.glob("no_libpython*.whl")).name)
        assert version
        self.run(*command, "--version", says=version[1])
        self.run(*command, "check", ".", status=1, says="app.py:3:7: NLP101")
        self.run(*command, "fix", ".")
        if (self.project / "app.py").read_text() != FIXED:
            raise Failed(f"{command[0]} fix: {(self.project / 'app.py').read_text()}")


def _is_kept(name: str) -> bool:
    kept = ("PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    return name in kept or name.lower().endswith("_proxy") or name.startswith("PIP_")


def pip(trial: Trial) -> None:
    commands = trial.environment_of(NAME)
    trial.try_out(commands / "nolibpy")
    trial.run(commands / "pip", "check")


def uv_tool(trial: Trial) -> None:
    uv = trial.environment_of("uv") / "uv"
    trial.run(uv, "tool", "install", "-q", f"--python={trial.python}", NAME)
    trial.try_out(trial.folder / "bin" / "nolibpy")


def uvx(trial: Trial) -> None:
    command = (trial.environment_of("uv") / "uvx", "-q", f"--python={trial.python}")
    trial.try_out(*command, NAME)
    trial.try_out(*command, "--from", NAME, "nolibpy")


def pipx(trial: Trial) -> None:
    command = [trial.python, "-c", "import ensurepip"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise Absent("no ensurepip (on Debian, install python3-venv)")
    command = trial.environment_of("pipx") / "pipx"
    options = (f"--python={trial.python}", f"--pip-args=--find-links={trial.wheels}")
    trial.run(command, "install", *options, NAME)
    trial.try_out(trial.folder / "bin" / "nolibpy")
    trial.try_out(command, "run", *options, NAME)


def pre_commit(trial: Trial) -> None:
    if not shutil.which("git"):
        raise Absent("no git")
    commands = trial.environment_of("pre-commit")
    command = (commands / "pre-commit", "try-repo", trial.tree, "--files", "app.py", "--verbose")
    (trial.project / "app.py").write_text(LOAD)
    trial.run("git", "init", "-q")
    trial.run("git", "add", ".")
    trial.run(*command[:3], "nolibpy", *command[3:], status=1, says="app.py:3:7: NLP101")
    trial.run(*command[:3], "nolibpy-fix", *command[3:], status=1, says="files were modified")
    if (trial.project / "app.py").read_text() != FIXED:
        raise Failed("the hook nolibpy-fix left the file as it was")


def flake8(trial: Trial) -> None:
    commands = trial.environment_of("flake8-" + NAME)
    (trial.project / "app.py").write_text(LOAD)
    trial.run(commands / "flake8", "--version", says="flake8-" + NAME)
    trial.run(commands / "flake8", "--select=NLP", status=1, says="app.py:3:7: NLP101")
    trial.try_out(commands / "nolibpy")


ROUTES: Mapping[str, Callable[[Trial], None]] = {
    "pip": pip,
    "uv tool install": uv_tool,
    "uvx": uvx,
    "pipx": pipx,
    "pre-commit": pre_commit,
    "flake8": flake8,
}


def interpreter(version: str) -> Path | None:
    """Return an installed Python of a version: on ``PATH``, or one of pyenv's or uv's."""
    found = shutil.which(f"python{version}")
    homes = (Path.home() / ".pyenv/versions", Path.home() / ".local/share/uv/python")
    candidates = [path for home in homes for path in home.glob(f"*{version}*/bin/python{version}")]
    for path in [*map(Path, filter(None, [found])), *sorted(candidates)]:
        # A shim of pyenv may have nothing behind it, and Debian may come without `venv`.
        code = f"import sys, venv; sys.exit('{version}' != '%d.%d' % sys.version_info[:2])"
        if subprocess.run([path, "-c", code], capture_output=True, check=False).returncode == 0:
            return path
    return None


def build(folder: Path) -> tuple[Path, Path]:
    """Return a directory with both wheels and pip's, and a Git repository of this tree."""
    wheels, tree = folder / "wheels", folder / "tree"
    command = [sys.executable, "-m"]
    for project in (ROOT, ROOT / "flake8_plugin"):
        options = ["--wheel", "--outdir", str(wheels), str(project)]
        subprocess.run([*command, "build", *options], check=True, stdout=subprocess.DEVNULL)
    download = ["pip", "download", "-q", "--no-deps", "--dest", str(wheels), "pip"]
    subprocess.run([*command, *download], check=True)
    git = ["git", "-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout
    for name in map(os.fsdecode, filter(None, listed.split(b"\0"))):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name, follow_symlinks=False)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "tree", "--no-verify"]):
        subprocess.run([*git, *words], cwd=tree, check=True)
    return wheels, tree


def attempts(version: str, python: Path, wheels: Path, tree: Path) -> Iterator[tuple[str, str]]:
    """Yield each route with its result: ``ok``, or what went wrong."""
    with tempfile.TemporaryDirectory(prefix="routes-") as scratch:
        for name, route in ROUTES.items():
            folder = Path(scratch) / name.replace(" ", "-")
            try:
                route(Trial(folder, wheels, tree, python))
            except Absent as absent:
                yield name, f"skipped: {absent}"
            except Failed as failed:
                print(f"Python {version}, {name}:\n{failed}\n", file=sys.stderr, flush=True)
                yield name, "FAILED"
            else:
                yield name, "ok"


def try_version(version: str, wheels: Path, tree: Path) -> bool | None:
    """Try all routes on one Python; return whether all worked, None where it is missing."""
    python = interpreter(version)
    if not python:
        return None
    good = True
    for name, result in attempts(version, python, wheels, tree):
        print(f"{version:<6}{name:<17}{result}", flush=True)
        good &= result != "FAILED"
    return good


def try_in_chroot(root: Path, version: str, wheels: Path, tree: Path) -> bool | None:
    """Do the same with a Python that is installed in a chroot."""
    if not (root / f"usr/bin/python{version}").exists():
        return None
    with tempfile.TemporaryDirectory(prefix="routes-", dir=root / "tmp") as scratch:
        inside = Path("/") / Path(scratch).relative_to(root)
        shutil.copytree(wheels, f"{scratch}/wheels")
        shutil.copytree(tree, f"{scratch}/tree", symlinks=True)
        shutil.copy(__file__, scratch)
        mounts = 'mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; exec chroot "$@"'
        prefix = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", mounts, "sh", str(root)]
        script = [f"/usr/bin/python{version}", f"{inside}/{Path(__file__).name}", version]
        environment = {name: os.environ[name] for name in os.environ if _is_kept(name)}
        environment |= {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/root", "LANG": "C.UTF-8"}
        trusted = os.environ.get("SSL_CERT_FILE", "")
        if trusted:  # a mirror may have an authority of its own
            shutil.copy(trusted, f"{scratch}/trusted.pem")
            names = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")
            environment |= dict.fromkeys(names, f"{inside}/trusted.pem")
        command = [*prefix, *script, f"--built={inside}"]
        return subprocess.run(command, env=environment, check=False).returncode == 0


def main(arguments: list[str]) -> int:
    """Print a line for each Python and route; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("versions", nargs="*", metavar="VERSION")
    parser.add_argument("--chroot", type=Path, metavar="DIR", help="where to look, too")
    parser.add_argument("--built", type=Path, metavar="DIR", help="with `wheels` and `tree`")
    given = parser.parse_args(arguments)
    good = True
    with tempfile.TemporaryDirectory(prefix="routes-") as scratch:
        built = given.built
        wheels, tree = (built / "wheels", built / "tree") if built else build(Path(scratch))
        for version in given.versions or VERSIONS:
            result = try_version(version, wheels, tree)
            if result is None and given.chroot:
                result = try_in_chroot(given.chroot, version, wheels, tree)
            if result is None:
                print(f"{version:<6}skipped: no Python {version} is installed here", flush=True)
            good &= result is not False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
