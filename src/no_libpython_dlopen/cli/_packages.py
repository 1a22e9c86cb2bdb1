"""What is checked without being a path: packages of an index, and environments.

A package is asked for by ``pypi:NAME``, ``--package NAME`` or ``--requirement FILE``, and
looked up on the index that pip is configured to use. A path is never looked up.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import PROGRAM, UsageError
from no_libpython_dlopen.engine.discover import discover, discover_listed
from no_libpython_dlopen.engine.target import TargetFile
from no_libpython_dlopen.files.given_paths import GivenPaths
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.package_index import reader as index
from no_libpython_dlopen.report import one_line

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _ArgumentGroup
    from collections.abc import Iterable, Iterator

    from no_libpython_dlopen.config import Configuration
    from no_libpython_dlopen.package_index.pip_settings import Settings as IndexSettings

#: PEP 508, without markers.
_PACKAGE = re.compile(
    r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?\s*(?:\[[\w\s.,-]*\])?\s*(?P<version>[=<>!~(].*)?", re.ASCII
)
#: Suffixes of files that people mean as such, beside those that are checked.
_SUFFIXES = (
    *(".txt", ".toml", ".cfg", ".ini", ".json", ".yml", ".md", ".rst", ".in", ".lock"),
    *(".pyi", ".pyd", ".c", ".h", ".cpp", ".a", ".o", ".zip", ".gz", ".bz2", ".tar", ".exe"),
)
#: Characters of a reason that an index gives.
_LONGEST_REASON = 300


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the options on packages and environments."""
    group = parser.add_argument_group(
        "packages",
        "Packages are read from the index that pip is configured to use; nothing is left on\n"
        "disk. A PATH of the form pypi:NAME is short for --package NAME.",
    )
    group.add_argument(
        "--package",
        action="append",
        metavar="NAME",
        help="Check a package on the index: NAME or NAME==VERSION (may be repeated)",
    )
    group.add_argument(
        "-r",
        "--requirement",
        action="append",
        metavar="FILE",
        help="Check the packages of a requirements file (may be repeated)",
    )
    add_environment(group)
    group.add_argument(
        "--all-wheels",
        action="store_true",
        help="Check all wheels of a release (default: the newest CPython's for each platform)",
    )
    group.add_argument(
        "--offline",
        action="store_true",
        help="Never use the network: only packages in local directories can be checked",
    )
    group.add_argument(
        "--platform",
        metavar="GLOB",
        default="",
        help="Check only wheels with a matching platform tag, for example `manylinux*_x86_64`",
    )


def add_environment(group: _ArgumentGroup) -> None:
    """Declare ``--environment``."""
    group.add_argument(
        "--environment",
        action="append",
        nargs="?",
        const=sys.executable,
        metavar="PYTHON",
        help="Process all packages in this environment, given by its interpreter or directory "
        "(default: that of nolibpy)",
    )


def may_be_package(argument: str) -> bool:
    """Return whether a path that does not exist was perhaps meant as a requirement.

    >>> may_be_package("numpy==2.3.0"), may_be_package("src/numpy"), may_be_package("setup.py")
    (True, False, False)
    """
    match = _PACKAGE.fullmatch(argument)
    if match is None:
        return False
    if match["version"]:
        return True
    return kind_of(argument) is None and not argument.lower().endswith(_SUFFIXES)


def targets_of(
    argument: str, configuration: Configuration, args: Namespace
) -> Iterator[TargetFile]:
    """Yield the files to look at for one package, or why there are none."""
    if not argument.strip():
        raise UsageError("name the package: `pypi:NAME` or `--package NAME`")
    if not hasattr(args, "all_wheels") or args.fix or args.diff:
        raise UsageError(
            f"{argument}: a package on an index cannot be fixed: download its wheels, and fix those"
        )
    if not index.available():
        raise UsageError(index.MISSING_EXTRA)
    from no_libpython_dlopen.package_index.pip_settings import read_pip_settings

    settings = replace(read_pip_settings(), offline=bool(getattr(args, "offline", False)))
    yield from _wheels(argument, settings, configuration, args)


def more_targets(configuration: Configuration, args: Namespace) -> Iterator[TargetFile]:
    """Yield the targets of ``--package``, ``-r`` and ``--environment``. Raises ``UsageError``."""
    for package in getattr(args, "package", None) or ():
        yield from targets_of(package, configuration, args)
    if getattr(args, "requirement", None) and (args.fix or args.diff):
        raise UsageError(
            "--requirement: packages on an index cannot be fixed: download their wheels, and fix those"
        )
    if getattr(args, "requirement", None):
        yield from _targets_of_requirements(configuration, args)
    for python in args.environment or ():
        yield from _targets_of_environment(python, args)


def _targets_of_requirements(configuration: Configuration, args: Namespace) -> Iterator[TargetFile]:
    if not index.available():
        raise UsageError(index.MISSING_EXTRA)
    from no_libpython_dlopen.package_index import pip_settings, requirements_file

    required = requirements_file.read(args.requirement)
    packages = list(required.packages())
    if not (packages or required.paths or required.left_out):
        raise UsageError(f"{', '.join(args.requirement)}: no packages in this file")
    for left_out in required.left_out:
        print(
            f"{PROGRAM}: note: {one_line(pip_settings.hide_credentials(left_out))}: "
            "not a package on an index, skipped",
            file=sys.stderr,
        )
    for path in required.paths:
        yield from discover(path, configuration)
    settings = replace(pip_settings.read_pip_settings(), offline=args.offline)
    settings = settings.with_options(required.options)
    for package in packages:
        yield from _wheels(package, settings, configuration, args)


def _wheels(
    package: str, settings: IndexSettings, configuration: Configuration, args: Namespace
) -> Iterator[TargetFile]:
    from no_libpython_dlopen.package_index.http_client import IndexUnavailable
    from no_libpython_dlopen.package_index.pip_settings import hide_credentials

    shown = hide_credentials(package)
    here = configuration.for_folder(os.getcwd())
    try:
        release = index.resolve(
            package,
            settings,
            every=bool(getattr(args, "all_wheels", False)),
            platform=getattr(args, "platform", "") or "",
        )
    except IndexUnavailable as error:
        yield TargetFile(shown, None, here, f"{error}{_path_hint(package)}")
        return
    except ValueError as error:
        reason = str(error).partition("\n")[0]
        yield TargetFile(shown, None, here, f"not a requirement: {reason}{_path_hint(package)}")
        return
    notes = []
    if release.yanked is not None:
        notes.append(f"is yanked: {_shorten(release.yanked) or 'no reason is given'}")
    if not release.files:
        notes.append("has files only for platforms that are not checked")
    for note in notes:
        told = one_line(f"{shown}: version {release.version} {note}")
        print(f"{PROGRAM}: note: {told}", file=sys.stderr)
    for file in release.files:
        yield TargetFile(file.filename, Kind.ARCHIVE, here, remote=(file, settings))


def _path_hint(package: str) -> str:
    """Return the end of a message on a package that was perhaps meant as a file."""
    if "://" in package:
        return "; URLs are not fetched: download the file, and check it by its path"
    if "/" in package or kind_of(package) is not None:
        return "; files are checked by their paths, without `--package`"
    return ""


def _shorten(text: str) -> str:
    """Return a text from an index in one line, cut off at ``_LONGEST_REASON`` characters."""
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST_REASON else f"{words[:_LONGEST_REASON]}…"


def _targets_of_environment(python: str, args: Namespace) -> Iterator[TargetFile]:
    """Yield the files of an environment; what git ignores is its whole content, as a rule."""
    from argparse import Namespace as Copy

    from no_libpython_dlopen.cli import _options
    from no_libpython_dlopen.engine.installed.sites import find_editable_sources
    from no_libpython_dlopen.files.installed_lists import listed_outside
    from no_libpython_dlopen.files.prefixes import SITES

    configuration = _options.configuration(Copy(**{**vars(args), "no_respect_gitignore": True}))
    prefix, of_user, everything = _places_of(python)
    folders = [folder for folder in everything if os.path.basename(folder) in SITES]
    told = "is installed in editable mode, outside of site-packages: give its path, too"
    unread = dict.fromkeys(find_editable_sources(folders, everything), told)
    if of_user:
        unread[of_user] = "has packages of the user, outside of the environment: give its path, too"
    for place, told in unread.items():
        print(f"{PROGRAM}: note: {one_line(place)} {told}", file=sys.stderr)
    given = GivenPaths(folders, reads_links=True)
    for folder in folders:
        yield from discover(folder, configuration, given)
    yield from discover_listed(listed_outside(folders, prefix), configuration, GivenPaths([prefix]))


def installed_places(python: str) -> tuple[str, list[str]]:
    """Return the prefix of an interpreter, or of an environment's folder, and its package directories.

    Raises ``UsageError``.
    """
    from no_libpython_dlopen.files.prefixes import SITES

    prefix, _, folders = _places_of(python)
    return prefix, [folder for folder in folders if os.path.basename(folder) in SITES]


def _places_of(python: str) -> tuple[str, str, list[str]]:
    """Return an interpreter's prefix, and what it imports from, without the standard library.

    Between them stands the directory of the user's own packages, ``""`` where it has none or the
    interpreter does not import them. The interpreter is run, in isolated mode. Raises
    ``UsageError`` where no directory is for packages.
    """
    import json
    import subprocess

    from no_libpython_dlopen.files.prefixes import SITES

    code = (
        "import json, os, site, sys, sysconfig\n"
        "paths = [sysconfig.get_path('purelib'), sysconfig.get_path('platlib'), *sys.path]\n"
        "own = [sysconfig.get_path('stdlib'), sysconfig.get_path('platstdlib')]\n"
        "own += [os.path.join(p, 'lib-dynload') for p in own]\n"
        # An environment without the packages of the system is without those of the user, too.
        "user = site.getusersitepackages() if sys.base_prefix in site.PREFIXES else ''\n"
        "user = '' if os.environ.get('PYTHONNOUSERSITE') else user\n"
        "print(json.dumps([sys.prefix, user, *(p for p in paths if p not in own)]))\n"
    )
    try:
        done = subprocess.run(
            [_interpreter(python), "-I", "-c", code],
            capture_output=True,
            check=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
        prefix, of_user, *found = json.loads(done.stdout.splitlines()[-1])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
        reason = getattr(error, "strerror", None) or "not a working Python interpreter"
        raise UsageError(f"--environment {python}: {reason}") from None
    folders = _distinct(folder for folder in found if os.path.isdir(folder))
    if not any(os.path.basename(folder) in SITES for folder in folders):
        raise UsageError(f"--environment {python}: no site-packages directory found")
    return prefix, of_user if _has_files(of_user) else "", folders


def _has_files(folder: str) -> bool:
    try:
        return bool(os.listdir(folder))
    except OSError:
        return False


def _interpreter(python: str) -> str:
    """Return the interpreter that is meant. Raises ``OSError``."""
    if os.path.isdir(python):
        for place in ("bin/python3", "bin/python", "Scripts/python.exe", "python.exe"):
            if os.path.exists(os.path.join(python, place)):
                return os.path.join(python, place)
        raise FileNotFoundError(None, "no interpreter found in this directory")
    if os.path.dirname(python):
        return python
    import shutil

    found = shutil.which(python)
    if found is None:
        raise FileNotFoundError(None, "no such interpreter")
    return found


def _distinct(folders: Iterable[str]) -> list[str]:
    by_place = {os.path.realpath(folder): folder for folder in folders}
    return list(by_place.values())
