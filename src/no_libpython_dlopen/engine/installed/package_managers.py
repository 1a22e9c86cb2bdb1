"""The package manager that owns a file, since it verifies and replaces what it installed.

dpkg, rpm, pacman and apk are asked themselves. conda lists the files of each package in
``conda-meta``; what pip installed in an environment of conda is in none of these lists.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from no_libpython_dlopen.engine.installed.sites import site_above
from no_libpython_dlopen.files.installed_lists import conda_owners
from no_libpython_dlopen.files.programs import find_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Directories of package managers. Outside of them only files of site-packages are looked up.
_SYSTEM = ("/bin/", "/lib", "/opt/", "/sbin/", "/usr/")
#: Directories that were in the root directory before the merge of ``/usr``.
_MERGED = ("/usr/bin/", "/usr/lib", "/usr/sbin/")
_LISTS = "/var/lib/dpkg"
_SECONDS = 60
#: The command that prints the name of the package that owns a file, and fails where there is none;
#: what such a package is called; what fetches its source, and what builds it.
_QUESTIONS = (
    (
        ("rpm", "-qf", "--queryformat", "%{NAME}\\n"),
        "RPM",
        "`dnf download --source {}`",
        "rpmbuild",
    ),
    (("pacman", "-Qqo", "--"), "Arch", "`pkgctl repo clone {}`", "makepkg"),
    (("apk", "info", "-qW"), "Alpine", "`git clone` of aports", "abuild"),
)


class PackageManagers:
    """The package managers of this system, asked by one run about the files that it fixes."""

    def __init__(self) -> None:
        #: The Debian packages of the files in and below a directory, by the directory.
        self._debian: dict[str, Mapping[str, str]] = {}
        #: For each ``conda-meta``, its lists by the files in them, and the lists that cannot be read.
        self._conda: dict[str, tuple[Mapping[str, str], Sequence[str]]] = {}

    def owner_problem(self, path: str, site: str) -> str:
        """Return the reason why the file at a real ``path`` is not changed, and what to do instead.

        ``site`` is the site-packages directory that it belongs to, empty if it belongs to none.
        The text is empty if no package manager owns the file.
        """
        if site or path.startswith(_SYSTEM):
            for ask in (self._dpkg, _other_system, self._conda_package):
                if told := ask(path):
                    return f"{told}, or pass `--include-managed`"
        return ""

    def _dpkg(self, path: str) -> str:
        # dpkg-query reads the lists of all packages each time, so it is run once per directory.
        folder = site_above(path) or os.path.dirname(path)
        if folder not in self._debian:
            self._debian[folder] = _debian_packages(folder)
        package = self._debian[folder].get(path)
        if not package:
            return ""
        return (
            f"it belongs to the Debian package `{package}`: fix and rebuild its source "
            f"(`apt-get source {package}`, `nolibpy fix`, `dpkg-buildpackage`)"
        )

    def _conda_package(self, path: str) -> str:
        """Return to which conda package a file belongs, or may belong, and what to do instead."""
        prefix = os.path.dirname(path)
        while not os.path.isdir(folder := os.path.join(prefix, "conda-meta")):
            if prefix == os.path.dirname(prefix):
                return ""
            prefix = os.path.dirname(prefix)
        if folder not in self._conda:
            self._conda[folder] = conda_owners(folder)
        owners, unread = self._conda[folder]
        if place := owners.get(os.path.relpath(path, prefix).replace(os.sep, "/")):
            package = os.path.basename(place).removesuffix(".json")
            return (
                f"it belongs to the conda package `{package}`: fix its sources or its recipe "
                "and rebuild it (`conda build`)"
            )
        if unread:
            return (
                f"it may belong to a conda package, since `{unread[0]}` cannot be read: repair that"
            )
        return ""


def _debian_packages(folder: str) -> Mapping[str, str]:
    """Return the package of each file that dpkg has installed in or below a directory.

    In a chroot or an unpacked image, what its own dpkg has installed there.
    """
    root = _root_above(folder)
    folder = folder[len(root) :]
    lists = [f"--admindir={root}{_LISTS}"] if root else []
    # Packages may still list a file in /usr by its path before the merge.
    folders = (
        [folder, folder.removeprefix("/usr")] if f"{folder}/".startswith(_MERGED) else [folder]
    )
    patterns = [re.sub(r"([*?\[\\])", r"\\\1", each) + "/*" for each in folders]
    found: dict[str, str] = {}
    for line in _output(["dpkg-query", *lists, "-S", "--", *patterns]).split("\n"):
        packages, _, path = line.partition(": ")
        if not packages.startswith(("diversion by ", "local diversion ")):
            place = path if path.startswith(folder) else f"/usr{path}"
            found[root + place] = packages.partition(",")[0].partition(":")[0]
    return found


def _root_above(folder: str) -> str:
    """Return the root directory with lists of dpkg that a directory is in, empty for ``/``."""
    while folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
        if os.path.isfile(f"{folder}{_LISTS}/status"):
            return folder.rstrip(os.sep)
    return ""


def _other_system(path: str) -> str:
    for question, system, fetch, build in _QUESTIONS:
        package = _output([*question, path], failing="").partition("\n")[0]
        if package:
            return (
                f"it belongs to the {system} package `{package}`: fix and rebuild its source "
                f"({fetch.format(package)}, `nolibpy fix`, `{build}`)"
            )
    return ""


def _output(command: list[str], failing: str | None = None) -> str:
    """Return the output of a program, ``failing`` where it fails, empty where there is none."""
    program = find_program(command[0])
    if program is None:
        return ""
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [program, *command[1:]],
            cwd=os.path.abspath(os.sep),  # it may look for settings where it is started
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return failing if done.returncode and failing is not None else done.stdout
