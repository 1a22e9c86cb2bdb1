"""Which index is asked, and how: what pip is configured to do.

A person who can ``pip install`` something can check it. pip says itself what its files
and the environment come to (``pip config list``, run in isolated mode and outside of the
folder at hand, so that none of its files is imported or chooses another pip); where there is no pip, the environment's ``PIP_*``
variables alone are read. The values may hold a password: they are never printed.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from no_libpython_dlopen.files.programs import find_program

#: Where pip looks if nothing else is said.
PYPI = "https://pypi.org/simple"
#: pip's own defaults.
_TIMEOUT, _RETRIES = 15.0, 5
#: In pip, what a later one of these says wins.
_SECTIONS = ("global", "install", ":env:")
#: Runs a command until it ends, standard input does, or a minute is over. What the command has
#: started ends with it: pyenv's ``pip`` is a script that looks for the right one.
_WATCHED = """
import os, signal, subprocess, sys, threading
os.setpgrp()
def watch():
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)
threading.Thread(target=watch, daemon=True).start()
try:
    sys.exit(subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, timeout=60))
except subprocess.TimeoutExpired:
    os.killpg(0, signal.SIGKILL)
"""
#: An address in a text, and credentials before a host whose scheme was forgotten.
#: Both begin only where a run of their characters does: a search from each character of a long
#: word would read the rest of the word each time.
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9+.-])([0-9+.-]*)([A-Za-z][A-Za-z0-9+.-]*://\S+)"
    r"|(?<!\S)()([^\s/\\:@]+:[^\s/\\@]+@\S+)"
)
_LOGIN = re.compile(r"(?<![^\s/\\@])(:*)[^\s/\\:@]+:[^\s/\\@]+@")
_FALSE = frozenset({"", "0", "false", "no", "off", "n", "f"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Indexes and pages of links, and how a connection to them is made.

    Addresses are as configured, with the credentials they may hold. ``ca_bundle`` is empty
    where the system's own certificates count.
    """

    indexes: tuple[str, ...] = (PYPI,)
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    ca_bundle: str = ""
    client_cert: str = ""
    proxy: str = ""
    timeout: float = _TIMEOUT
    retries: int = _RETRIES
    prereleases: bool = False
    #: Whether only local places may be read, as `--offline` says.
    offline: bool = False

    def with_options(self, options: Iterable[tuple[str, str]]) -> Settings:
        """Return the settings changed by the options of a requirements file."""
        changed = self
        for option, value in options:
            if option == "index-url":
                changed = replace(changed, indexes=(value, *changed.indexes[1:]))
            elif option == "extra-index-url":
                changed = replace(changed, indexes=(*changed.indexes, value))
            elif option == "no-index":
                changed = replace(changed, indexes=())
            elif option == "find-links":
                changed = replace(changed, find_links=(*changed.find_links, value))
            elif option == "trusted-host":
                changed = replace(changed, trusted_hosts=(*changed.trusted_hosts, value))
            elif option == "pre":
                changed = replace(changed, prereleases=True)
        return changed


def read_pip_settings() -> Settings:
    """Return the settings of pip."""
    listed = _run_pip_config()
    if listed is None:
        listed = "".join(
            f":env:.{name[4:].lower().replace('_', '-')}={value!r}\n"
            for name, value in sorted(os.environ.items())
            if name.startswith("PIP_")
        )
    return from_options(options_in(listed))


def _run_pip_config() -> str | None:
    """Return the output of ``pip config list``; ``None`` where no pip works."""
    environment = dict(os.environ)
    if "PIP_CONFIG_FILE" in environment:
        environment["PIP_CONFIG_FILE"] = os.path.abspath(environment["PIP_CONFIG_FILE"])
    for command in _pips():
        read, write = os.pipe()
        try:
            # The pipe is closed when this process ends, however it does: so does pip then.
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-c", _WATCHED, *command, "config", "list"],
                capture_output=True,
                check=True,
                encoding="utf-8",
                errors="surrogateescape",
                stdin=read,
                # Where a tree has a `.python-version`, pyenv's `pip` is another one.
                cwd=os.path.abspath(os.sep),
                env=environment,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        finally:
            os.close(read)
            os.close(write)
        return done.stdout
    return None


def _pips() -> list[list[str]]:
    """Return the commands that may be a pip."""
    found = find_program("pip")
    return [[sys.executable, "-I", "-m", "pip"], *([[found]] if found else [])]


def options_in(listed: str) -> dict[str, str]:
    """Return the options of ``pip config list``'s output, the section that wins last.

    >>> options_in("global.timeout='3'\\n:env:.timeout='9'\\n")
    {'timeout': '9'}
    """
    by_section: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in listed.splitlines():
        key, equals, value = line.partition("=")
        section, _, option = key.rpartition(".")
        if not equals or section not in by_section:
            continue
        try:
            read = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            continue
        by_section[section][option.removeprefix("default-")] = str(read)
    merged: dict[str, str] = {}
    for options in by_section.values():
        merged.update(options)
    return merged


def from_options(options: Mapping[str, str]) -> Settings:
    """Return the settings that options of pip amount to; those that are not ours are ignored."""
    index = options.get("index-url") or PYPI
    indexes = (index, *options.get("extra-index-url", "").split())
    if _true(options.get("no-index", "")):
        indexes = ()
    # pip uses requests, which lets these two decide where pip itself says nothing.
    environment = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or ""
    return Settings(
        indexes=tuple(dict.fromkeys(indexes)),
        find_links=tuple(options.get("find-links", "").split()),
        trusted_hosts=tuple(options.get("trusted-host", "").split()),
        ca_bundle=options.get("cert") or environment,
        client_cert=options.get("client-cert", ""),
        proxy=options.get("proxy", ""),
        timeout=_number(options.get("timeout", ""), _TIMEOUT, most=600),
        retries=int(_number(options.get("retries", ""), _RETRIES, most=20)),
        prereleases=_true(options.get("pre", "")),
    )


def _true(text: str) -> bool:
    return text.strip().lower() not in _FALSE


def _number(text: str, default: float, *, most: float) -> float:
    try:
        return min(max(float(text), 0), most)
    except ValueError:
        return default


def without_credentials(address: str) -> str:
    """Return an address that can be shown: without user, password, query and fragment.

    >>> without_credentials("https://me:secret@example.org/simple")
    'https://example.org/simple'
    """
    try:
        parts = urlsplit(address)
        _ = parts.port  # fails where a password with a slash was cut in two
    except ValueError:
        return "an invalid URL"
    if not parts.netloc:
        return _LOGIN.sub(r"\1", address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def hide_credentials(text: str) -> str:
    """Return a text with the addresses in it as they can be shown.

    >>> hide_credentials("r.txt:1: git+https://me:secret@example.org/a.git@v1")
    'r.txt:1: git+https://example.org/a.git@v1'
    """
    return _ADDRESS.sub(
        lambda found: (found[1] or "") + without_credentials(found[2] or found[4]), text
    )
