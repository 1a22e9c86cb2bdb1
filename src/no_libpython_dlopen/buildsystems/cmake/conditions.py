"""What is true of ``if`` and of a generator expression in one platform, in three values.

Precedence as in cmake-commands(7), *if*: parentheses, unary tests, binary tests,
``NOT``, then ``AND`` and ``OR``.
"""

from __future__ import annotations

import operator as op
import re
from collections.abc import Callable

from no_libpython_dlopen.buildsystems.cmake.lexer import Argument
from no_libpython_dlopen.knowledge.platforms import asks_for_system, needs_link
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, Platform, truth_by_name
from no_libpython_dlopen.knowledge.three_valued import all_of, any_of, negation

_SYSTEM_VARIABLES = frozenset({"CMAKE_SYSTEM_NAME", "CMAKE_HOST_SYSTEM_NAME", "CMAKE_SYSTEM"})
#: The value of a variable that the system's name was put into, in other letters perhaps.
_COPIED = re.compile(r"\$\{(?:(?P<change>tolower|toupper) )?(?P<name>\w+)\}")
_CHANGES: dict[str | None, Callable[[str], str]] = {
    None: str,
    "tolower": str.lower,
    "toupper": str.upper,
}
_COMPILER = re.compile(
    r"CMAKE_(?:C|CXX|CUDA)_(?:COMPILER_ID|SIMULATE_ID|COMPILER_FRONTEND_VARIANT)\Z"
)
#: Compilers that build for plain Unix; which one it is stays open.
_UNIX_COMPILERS = ("GNU", "Clang", "AppleClang", "Intel", "IntelLLVM", "NVIDIA", "PGI", "")
_UNIX_GENERATORS = ("Unix Makefiles", "Ninja", "Ninja Multi-Config", "Xcode")
#: Older CMakes are not what a compatibility branch is written for any more.
_MODERN = (3, 28)
#: Nor are Pythons in which modules may link libpython: it is 3.8 at least.
_PYTHON = (3, 8)
_PYTHON_VERSION = re.compile(r"(?:PYTHON|Python3?)_VERSION(?:_STRING)?|PYTHONLIBS_VERSION_STRING")
_PYTHON_MAJOR = re.compile(r"(?:PYTHON|Python3?)_VERSION_MAJOR")
#: Targets that a build has which may use them; their absence is a fallback for old versions.
_MODERN_TARGETS = re.compile(r"(?:Python3?::Module|pybind11::(?:module|headers|pybind11))\Z")
_MODERN_COMMANDS = re.compile(r"(?:Python3?_add_library|nanobind_add_module)\Z", re.IGNORECASE)

_TRUE = frozenset({"1", "ON", "YES", "TRUE", "Y"})
_FALSE = frozenset({"0", "OFF", "NO", "FALSE", "N", "IGNORE", "NOTFOUND", ""})

_UNARY = frozenset(
    {
        *("EXISTS", "COMMAND", "DEFINED", "POLICY", "TARGET", "TEST"),
        *("IS_DIRECTORY", "IS_SYMLINK", "IS_ABSOLUTE", "IS_READABLE", "IS_WRITABLE"),
        "IS_EXECUTABLE",
    }
)
COMPARISONS = frozenset(
    {
        *("EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"),
        *("STREQUAL", "STRLESS", "STRLESS_EQUAL", "STRGREATER", "STRGREATER_EQUAL"),
        *("VERSION_EQUAL", "VERSION_LESS", "VERSION_LESS_EQUAL"),
        *("VERSION_GREATER", "VERSION_GREATER_EQUAL"),
        *("MATCHES", "IN_LIST", "IS_NEWER_THAN", "PATH_EQUAL"),
    }
)

#: What CMake itself sets, and tests of something else than a value.
_OF_CMAKE = re.compile(r"(?:\$\{)?CMAKE_|(?:EXISTS|COMMAND|DEFINED|POLICY|TARGET|TEST|IS_\w+)\Z")
_REPETITION = re.compile(r"[*+?{]")

#: Fills in the variables of a text; returns the one known value of a variable or ``None``.
Fill = Callable[[str], str]
Value = Callable[[str], "str | None"]
#: Returns the items of a list that is known exactly, or ``None``.
Items = Callable[[str], "tuple[str, ...] | None"]

_NUMBER = re.compile(r"-?\d{1,9}\Z")
_ORDER: dict[str, Callable[[int, int], bool]] = {
    "EQUAL": op.eq,
    "LESS": op.lt,
    "LESS_EQUAL": op.le,
    "GREATER": op.gt,
    "GREATER_EQUAL": op.ge,
}


def in_letters(action: str, text: str) -> str:
    """Return the value of a variable that gets the system's name in other letters, else nothing.

    >>> in_letters("TOLOWER", "${CMAKE_SYSTEM_NAME}")
    '${tolower CMAKE_SYSTEM_NAME}'
    """
    copied = _COPIED.fullmatch(text)
    is_system = copied is not None and copied["name"] in _SYSTEM_VARIABLES
    return f"${{{action.lower()} {copied['name']}}}" if copied and is_system else ""


def _letters_of_system(name: str, value: Value) -> Callable[[str], str] | None:
    """Return the function by which a variable writes the system's name; ``None`` for no system."""
    if name in _SYSTEM_VARIABLES:
        return str
    copied = _COPIED.fullmatch(value(name) or "")
    is_system = copied is not None and copied["name"] in _SYSTEM_VARIABLES
    return _CHANGES[copied["change"]] if copied and is_system else None


def constant_truth(text: str) -> bool | None:
    """Return the truth of a constant of CMake's, ``None`` for anything else."""
    upper = text.upper()
    if upper in _TRUE:
        return True
    if upper in _FALSE or upper.endswith("-NOTFOUND"):
        return False
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text) != 0
    return None


def variable_truth(name: str, platform: Platform, value: Value) -> bool | None:
    """Return the truth of a variable in a platform, ``None`` if it may be either."""
    if name in platform.true:
        return True
    if name in platform.false:
        return False
    if name in ("CMAKE_HOST_UNIX", "CMAKE_HOST_WIN32", "CMAKE_HOST_APPLE"):
        return variable_truth(name.removeprefix("CMAKE_HOST_"), platform, value)
    known = value(name)
    if known is not None and "$" not in known:
        truth = constant_truth(known)
        return truth if truth is not None else True
    return truth_by_name(name, platform)


def comparison(
    left: str, operator: str, right: str | tuple[str, ...], platform: Platform, value: Value
) -> bool | None:
    """Return the truth of a binary test, ``None`` if it may be either.

    ``left`` is a variable's name or a text; ``right`` a text, or the items for ``IN_LIST``.
    """
    if operator.startswith("VERSION_") and isinstance(right, str):
        return _versions(left, operator.removeprefix("VERSION_"), right)
    letters = _letters_of_system(left, value)
    is_open = letters is not None or value(left) is None
    if operator == "IS_NEWER_THAN" or (platform is ANY_PLATFORM and is_open):
        return None  # what one value is known of is the same on every platform
    if platform.links_python and letters is None:
        return None  # compilers and the like are known of plain Unix only
    choices, exact = _choices(left, value)
    if letters is not None:
        choices, exact = tuple(map(letters, platform.systems)), len(platform.systems) == 1
    if not choices:
        return None
    try:
        answers = [_holds(choice, operator, right, value) for choice in choices]
    except re.error:
        return None
    if exact:
        return answers[0]
    if all(answer is False for answer in answers):
        return False
    # The first system is the usual one on the platform; the others are possible.
    return True if letters is not None and answers[0] is True else None


def _choices(name: str, value: Value) -> tuple[tuple[str, ...], bool]:
    """Return the values that a variable may hold, and whether they are known exactly."""
    if _COMPILER.match(name):
        return _UNIX_COMPILERS, False
    if name == "CMAKE_GENERATOR":
        return _UNIX_GENERATORS, False
    if name == "CMAKE_SHARED_LIBRARY_SUFFIX":
        return (".so", ".dylib"), False
    known = value(name)
    if known is not None:
        return ((), False) if "$" in known else ((known,), True)
    return (("3",), True) if _PYTHON_MAJOR.fullmatch(name) else ((), False)


def _holds(left: str, operator: str, right: str | tuple[str, ...], value: Value) -> bool | None:
    if isinstance(right, tuple):
        return True if left in right else None if "$" in "".join(right) else False
    if operator == "MATCHES":
        return _matches(right, left)
    known = value(right)
    if known is not None:
        right = known
    if "$" in right:
        return None
    if operator in _ORDER and _NUMBER.match(left) and _NUMBER.match(right):
        return _ORDER[operator](int(left), int(right))
    if operator in ("STREQUAL", "EQUAL", "PATH_EQUAL"):
        return left == right
    return None


def _matches(pattern: str, text: str) -> bool | None:
    """Return whether a regular expression matches, ``None`` for one that might take long.

    The expression comes out of the file that is read; repeated repetitions could take
    exponential time.
    """
    if len(pattern) + len(text) > 400 or len(_REPETITION.findall(pattern)) > 3:
        return None
    if re.search(r"\)[*+?{]", pattern):
        return None
    return bool(re.search(pattern, text))


def _versions(left: str, operator: str, right: str) -> bool | None:
    """Return the comparison of a modern CMake's or Python's version; later ones are undecided."""
    newest = _MODERN
    if left not in ("CMAKE_VERSION", "${CMAKE_VERSION}"):
        if not _PYTHON_VERSION.fullmatch(left):
            return None
        newest = _PYTHON
    numbers = tuple(int(part) for part in re.findall(r"\d+", right)[:2])
    if not numbers or numbers > newest:
        return None
    return operator in ("GREATER", "GREATER_EQUAL")


def asks_for_newer(arguments: tuple[Argument, ...]) -> int:
    """Return 1 where an ``if`` holds for newer versions, -1 for older ones, 0 for neither."""
    texts = [argument.text for argument in arguments]
    newer = any(text.startswith("VERSION_GREATER") for text in texts)
    older = any(text.startswith("VERSION_LESS") for text in texts)
    return (newer - older) * (-1 if texts[:1] == ["NOT"] else 1)


def generator_truth(name: str, parts: list[str], platform: Platform) -> bool | None:
    """Return the truth of a generator expression such as ``PLATFORM_ID`` in a platform."""
    if platform is ANY_PLATFORM:
        return None
    if name == "PLATFORM_ID":
        names = [part.strip() for part in parts]
        if platform.systems[0] in names:
            return True
        return None if any(system in names for system in platform.systems) else False
    if name == "BOOL" and len(parts) == 1:
        return constant_truth(parts[0])
    if re.fullmatch(r"(?:C|CXX|CUDA)_COMPILER_ID", name) and parts:
        return None if any(part in _UNIX_COMPILERS for part in parts) else False
    if name == "TARGET_EXISTS" and parts:
        return True if _MODERN_TARGETS.match(parts[0]) else None
    if name == "STREQUAL" and len(parts) == 2:
        if not any("$" in part for part in parts):
            return parts[0] == parts[1]
        asked, text = parts if "$" in parts[0] else parts[::-1]
        return _asked_of_target(asked.strip(), (text.strip(),), platform)
    if name == "IN_LIST" and len(parts) == 2:
        return _asked_of_target(parts[0].strip(), tuple(parts[1].split(";")), platform)
    return None


def _asked_of_target(asked: str, texts: tuple[str, ...], platform: Platform) -> bool | None:
    """Return whether the system, or the type of an extension module, is one of some texts."""
    if asked == "$<TARGET_PROPERTY:TYPE>":  # of the target that is linked in the end
        return False if set(texts) == {"EXECUTABLE"} else None
    name = "CMAKE_SYSTEM_NAME" if asked == "$<PLATFORM_ID>" else asked[2:-1]
    if name not in _SYSTEM_VARIABLES:
        return None
    return comparison(name, "IN_LIST", texts, platform, lambda _: None)


class Condition:
    """The arguments of an ``if`` or ``elseif``, evaluated in one platform."""

    def __init__(
        self,
        arguments: tuple[Argument, ...],
        platform: Platform,
        fill: Fill,
        value: Value,
        items: Items = lambda _: None,
    ) -> None:
        self.platform = platform
        self.fill = fill
        self.value = value
        self.items = items
        self.arguments = arguments
        self.position = 0
        #: Whether a test that is not understood has the name of a system in it.
        self.asks_by_name = False

    def truth(self) -> bool | None:
        """Return the condition's truth, ``None`` if it may be either."""
        result = self._or()
        return result if self.position >= len(self.arguments) else None

    def _keyword(self) -> str:
        """Return the next argument if it is unquoted, or an empty text."""
        following = self.arguments[self.position : self.position + 1]
        return following[0].text if following and following[0].kind == "unquoted" else ""

    def _or(self) -> bool | None:
        return any_of(self._operands("OR", self._and))

    def _and(self) -> bool | None:
        return all_of(self._operands("AND", self._not))

    def _operands(self, keyword: str, operand: Callable[[], bool | None]) -> list[bool | None]:
        """Return the truths of the operands between a keyword."""
        values = [operand()]
        while self._keyword() == keyword:
            self.position += 1
            values.append(operand())
        return values

    def _not(self) -> bool | None:
        flips = 0
        while self._keyword() == "NOT":
            self.position += 1
            flips += 1
        start = self.position
        value = self._test()
        tested = self.arguments[start : self.position]
        if value is None and tested and tested[0].kind != "open":
            texts = [each.text for each in tested]
            own = not _OF_CMAKE.match(texts[0])
            self.asks_by_name |= own and any(map(asks_for_system, texts))
        return negation(value) if flips % 2 else value

    def _test(self) -> bool | None:
        if self.position >= len(self.arguments):
            return None
        argument = self.arguments[self.position]
        if argument.kind == "open":
            self.position += 1
            inside = self._or()
            if self.position < len(self.arguments):
                if self.arguments[self.position].kind != "close":
                    self.position = len(self.arguments) + 1
                    return None
                self.position += 1
            return inside
        keyword = self._keyword()
        if keyword in _UNARY and self.position + 1 < len(self.arguments):
            self.position += 2
            return self._unary(keyword, self.arguments[self.position - 1].text)
        self.position += 1
        operator = self._keyword()
        if operator in COMPARISONS and self.position + 1 < len(self.arguments):
            right = self.arguments[self.position + 1]
            self.position += 2
            left = self._left_operand(argument)
            given = self.items(right.text) if operator == "IN_LIST" else self.fill(right.text)
            if given is None:
                return None
            return comparison(left, operator, given, self.platform, self.value)
        return self._plain(argument)

    def _left_operand(self, argument: Argument) -> str:
        """Return the variable that a test is about, or its text: ``${X}`` asks about ``X``."""
        match = re.fullmatch(r"\$\{(\w+)\}", argument.text)
        if match:
            return match[1]
        return self.fill(argument.text)

    def _unary(self, keyword: str, operand: str) -> bool | None:
        operand = self.fill(operand)
        if keyword == "TARGET" and _MODERN_TARGETS.match(operand):
            return True
        if keyword == "COMMAND" and _MODERN_COMMANDS.match(operand):
            return True
        if keyword == "DEFINED":
            if operand in self.platform.false or needs_link(operand):
                return False
            return True if operand in self.platform.true else None
        return None

    def _plain(self, argument: Argument) -> bool | None:
        text = argument.text
        match = re.fullmatch(r"\$\{(\w+)\}", text)
        if match:
            # ${WIN32} expands to its value, which is a constant
            known = variable_truth(match[1], self.platform, self.value)
            if known is not None:
                return known
        filled = self.fill(text)
        if "$" in filled:
            return None
        truth = constant_truth(filled)
        if truth is not None:
            return truth
        if argument.kind != "unquoted":
            return False
        return variable_truth(filled, self.platform, self.value)
