"""What a requirements file asks for, read as pip reads it.

The lines are PEP 508 (``packaging`` parses those) with pip's own additions around them:
comments, continued lines, environment variables, options, other files. Weighed and left:
``requirements-parser`` knows neither continued lines nor options, which decide the index.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from no_libpython_dlopen.model.errors import NolibpyError

_MOST_FILE = 16 << 20
_MOST_FILES = 200
_COMMENT = re.compile(r"(?:^|\s)#.*")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
#: A long option, or a short one, whose value may follow at once.
_OPTION = re.compile(
    r"(?P<name>--[a-z][a-z-]*)(?:[= ]\s*(?P<value>.*))?|(?P<short>-[a-z])[= ]?\s*(?P<given>.*)"
)
#: Characters of a requirement without hashes and options; a file's URL is the longest there is.
_LONGEST = 4096
#: The options of a line that are about the index, by all their spellings.
_ABOUT_INDEX = {
    "-i": "index-url",
    "--index-url": "index-url",
    "--pypi-url": "index-url",
    "--extra-index-url": "extra-index-url",
    "--no-index": "no-index",
    "-f": "find-links",
    "--find-links": "find-links",
    "--trusted-host": "trusted-host",
    "--pre": "pre",
}


class InvalidRequirements(NolibpyError):
    """A requirements file that cannot be read; the text names file, line and reason."""


@dataclass(slots=True)
class Requirements:
    """What files ask for: requirements, paths, and options about the index, in order."""

    requirements: list[Requirement] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    #: What a requirement is narrowed to, by name.
    constraints: dict[str, SpecifierSet] = field(default_factory=dict)
    #: Lines that mean no package of an index, each with file and number.
    left_out: list[str] = field(default_factory=list)

    def packages(self) -> list[str]:
        """Return the requirements that hold for this interpreter, narrowed, each once."""
        found: dict[str, None] = {}
        for wanted in self.requirements:
            if wanted.marker is not None and not wanted.marker.evaluate():
                continue
            narrowed = Requirement(str(wanted))
            narrowed.marker = None
            narrowed.extras = set()
            narrowed.specifier &= self.constraints.get(canonicalize_name(wanted.name), "")
            found[str(narrowed)] = None
        return list(found)


def read(paths: list[str]) -> Requirements:
    """Return the requirements in the files at ``paths``; raises ``InvalidRequirements``."""
    result = Requirements()
    seen: set[tuple[str, bool]] = set()
    for path in paths:
        _read(path, result, seen, constraints=False)
    return result


def _read(
    path: str, result: Requirements, seen: set[tuple[str, bool]], *, constraints: bool
) -> None:
    key = os.path.realpath(path), constraints
    if key in seen:
        return
    seen.add(key)
    if len(seen) > _MOST_FILES:
        raise InvalidRequirements(f"{path}: more than {_MOST_FILES} files are included")
    for number, line in _lines(path):
        here = f"{path}:{number}"
        match = _OPTION.fullmatch(line)
        if match is None:
            _read_requirement(line, here, result, constraints=constraints)
            continue
        name = match["name"] or match["short"]
        value = (match["value"] or match["given"] or "").strip().strip("\"'")
        if name in ("-r", "--requirement", "-c", "--constraint"):
            if "://" in value:
                raise InvalidRequirements(f"{here}: {value}: URLs are not supported")
            other = os.path.join(os.path.dirname(path), value)
            _read(other, result, seen, constraints=constraints or name in ("-c", "--constraint"))
        elif name in ("-e", "--editable"):
            result.left_out.append(f"{here}: {line}")
        elif name in _ABOUT_INDEX:
            option = _ABOUT_INDEX[name]
            if option == "find-links" and "://" not in value:
                beside = os.path.join(os.path.dirname(path), value)
                value = beside if os.path.exists(beside) else value
            result.options.append((option, value))


def _read_requirement(line: str, here: str, result: Requirements, *, constraints: bool) -> None:
    words = re.split(r"\s--?[a-z]", line)[0].strip()  # --hash=…, --config-settings=…
    if len(words) > _LONGEST:
        raise InvalidRequirements(f"{here}: not a requirement: more than {_LONGEST:,} characters")
    try:
        wanted = Requirement(words)
    except InvalidRequirement as error:
        place = words.partition(";")[0].strip()
        if os.path.exists(place) and not constraints:
            result.paths.append(place)
        elif re.match(r"(?:git|hg|svn|bzr)\+|\.{0,2}/|[a-z]+://", place):
            result.left_out.append(f"{here}: {line}")
        else:
            reason = str(error).partition("\n")[0]
            raise InvalidRequirements(f"{here}: not a requirement: {reason}") from None
        return
    if wanted.url and "+" in wanted.url.partition("://")[0]:
        result.left_out.append(f"{here}: {line}")
    elif constraints:
        name = canonicalize_name(wanted.name)
        result.constraints[name] = result.constraints.get(name, SpecifierSet()) & wanted.specifier
    else:
        result.requirements.append(wanted)


def _lines(path: str) -> list[tuple[int, str]]:
    """Return the file's logical lines, each with the number of its first line."""
    try:
        if not os.path.isfile(path):
            raise InvalidRequirements(
                f"{path}: {'not a file' if os.path.exists(path) else 'no such file'}"
            )
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            text = file.read(_MOST_FILE + 1)
    except OSError as error:
        raise InvalidRequirements(f"{path}: {error.strerror or error}") from None
    if len(text) > _MOST_FILE:
        raise InvalidRequirements(f"{path}: longer than {_MOST_FILE >> 20} million characters")
    found: list[tuple[int, str]] = []
    joined, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first or number
        # A comment ends a line, also one that ends in a backslash.
        bare = _COMMENT.sub("", line)
        if bare.endswith("\\") and bare == line:
            joined += bare[:-1]
            continue
        whole = _VARIABLE.sub(_value, joined + bare).strip()
        if whole:
            found.append((first, whole))
        joined, first = "", 0
    if joined.strip():
        found.append((first, joined.strip()))
    return found


def _value(match: re.Match[str]) -> str:
    return os.environ.get(match[1], match[0])
