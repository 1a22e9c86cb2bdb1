"""The newest Pythons, statically linked: Debian's, in a chroot of its unstable release.

``python -m tests.sid DIR [pytest's arguments]`` makes the chroot in DIR if there is none
(``mmdebstrap``, as root, with a network), copies this project into it and runs tests of the
guard, the doctor, the grammar and the readers under each Python there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.13", "3.14", "3.15")
PACKAGES = (
    *(f"{name}{version}" for version in PYTHONS for name in ("python", "libpython")),
    *("python3.14-venv", "git", "ca-certificates"),  # for tests/install_routes.py
    *("gcc", "libc6-dev", "make", "python3-cffi", "python3-hypothesis", "python3-libcst"),
    *("python3-pytest", "python3-pytest-xdist", "python3-rich"),
)
TESTS = ("tests/runtime", "tests/knowledge")
#: Needs libcst, which Debian builds for some of these Pythons only.
CASES = "tests/python/test_cases.py"
_HERE = "src/nolibpy"


def make(folder: Path) -> None:
    """Make the chroot."""
    command = ["mmdebstrap", "--variant=apt", f"--include={','.join(PACKAGES)}", "sid"]
    subprocess.run([*command, str(folder), "http://deb.debian.org/debian"], check=True)


def copy_project(folder: Path) -> None:
    """Copy what the tests need."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder / name)


def run(folder: Path, version: str, arguments: list[str]) -> int:
    """Run pytest under one Python of the chroot and return its status."""
    words = [f"/usr/bin/python{version}", "-m", "pytest", "-q", "-n2", "-p", "no:cacheprovider"]
    words += ["-o", "addopts=--import-mode=importlib", "-o", "filterwarnings=", "-W", "default"]
    has_libcst = ["chroot", str(folder), words[0], "-c", "import libcst.native"]
    tests = (*TESTS, CASES) if subprocess.run(has_libcst, check=False).returncode == 0 else TESTS
    command = 'mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; root=$1; shift; '
    command += f'exec chroot "$root" sh -c \'cd /{_HERE} && exec "$@"\' sh "$@"'
    environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/root", "PYTHONPATH": "src"}
    prefix = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", command, "sh", str(folder)]
    return subprocess.run(
        [*prefix, *words, "-m", "not network", *(arguments or tests)],
        env=environment | {"LANG": os.environ.get("LANG", "C.UTF-8")},
        check=False,
    ).returncode


def main(folder: Path, arguments: list[str]) -> int:
    """Run the tests under all Pythons; return 1 if any failed."""
    if not (folder / "usr/bin/python3").exists():
        make(folder)
    copy_project(folder / _HERE)
    failed = []
    for version in PYTHONS:
        print(f"Python {version}", flush=True)
        if run(folder, version, arguments):
            failed.append(version)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
