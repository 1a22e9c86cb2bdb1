"""All limits of an analysis, with what each counts; ``docs/limits.md`` has the same table.

A limit fits real files with room and bounds hostile ones. Where it cuts an analysis in which
something could still have been found, the file gets NLP900 (``analysis.note_limit``).
"""

from __future__ import annotations


class Limit(int):
    """A number that an analysis does not exceed; ``unit`` is what it counts.

    ``is_silent`` says that beyond it nothing can be found, so that nobody is told: a name of
    5,000 characters, say, which no loader opens.
    """

    unit: str
    is_silent: bool

    def __new__(cls, value: int, unit: str, *, is_silent: bool = False) -> Limit:
        made = super().__new__(cls, value)
        made.unit = unit
        made.is_silent = is_silent
        return made

    def __eq__(self, other: object) -> bool:
        """Return whether this is the same limit, or the number that it is compared with."""
        if isinstance(other, Limit) and self.unit != other.unit:
            return False
        return int(self) == other

    def __ne__(self, other: object) -> bool:
        """Return the opposite, since that of ``int`` compares numbers alone."""
        return not self == other

    __hash__ = int.__hash__

    def __str__(self) -> str:
        """Return the limit as a sentence names it."""
        return f"{int(self):,} {self.unit}"


# One analysis

#: A file has a share of time for each started ``TIME_BYTES``, at most ``TIME_SHARES``.
TIME_BYTES = 64 * 1024
TIME_SHARES = 4
#: A larger file has less than one share: no person wrote it, and what is in it takes memory, and
#: time before the clock runs and after it.
TIME_MOST_BYTES, TIME_SHARE_BEYOND = 1 << 20, 0.75
_EACH = "for each 64 KiB of the file, at most four times"
TIME_MILLISECONDS = Limit(1_700, f"milliseconds of processor time {_EACH}")
OTHER_FILES_MILLISECONDS = Limit(
    10_000, "milliseconds of processor time for other files of the project"
)
FOLLOWING_MILLISECONDS = Limit(
    1_700, f"milliseconds of processor time with a Python file's imports {_EACH}"
)
# Twice the largest scripts, and four times the largest makefiles and modules that people publish.
CHARACTERS = Limit(4 * 1024 * 1024, "characters in a build file, a script or Python code")
SETTINGS_CHARACTERS = Limit(1024 * 1024, "characters in a TOML or INI file")
# Enough for several hundred directories; the largest published files with code have 700 bytes.
PATH_CONFIGURATION_BYTES = Limit(64 * 1024, "bytes in a `.pth` file with code")
FIX_PASSES = Limit(10, "passes of a fix", is_silent=True)
FIX_MILLISECONDS = Limit(
    5_000, "milliseconds of processor time after which no pass of a fix begins", is_silent=True
)

# CMake

CMAKE_STEPS = Limit(200_000, "commands in one evaluation of a CMake project")
CMAKE_CALLS = Limit(16, "nested function calls in CMake")
CMAKE_ITERATIONS = Limit(5_000, "iterations of a loop in CMake")
CMAKE_LOOP_STEPS = Limit(
    2_000,
    "commands in a loop of CMake without links; after that its items are evaluated together",
    is_silent=True,
)
CMAKE_WORDS = Limit(10_000, "items in a list or command of CMake")
CMAKE_DEPTH = Limit(100, "nested parentheses in CMake")
CMAKE_BLOCKS = Limit(50, "nested blocks in CMake")
CMAKE_NESTING = Limit(40, "nested generator expressions in CMake")
CMAKE_REFERENCES = Limit(20, "nested variable references in CMake")
CMAKE_TEXT = Limit(8_192, "characters in a word of CMake with its variables filled in")
CMAKE_LINKS = Limit(100_000, "libraries linked to targets in CMake")
CMAKE_INCLUDES = Limit(32, "nested listfiles of a CMake project")
CMAKE_WALKS = Limit(2_000, "evaluations of listfiles in one evaluation of a CMake project")
CMAKE_FILES = Limit(400, "files of a CMake project", is_silent=True)
# A parsed listfile takes a hundred times that in memory.
CMAKE_CHARACTERS = Limit(
    2 * 1024 * 1024, "characters in these files; after them no other file is opened", is_silent=True
)

# Make, shell scripts and Dockerfiles

COMMANDS_WORK = Limit(3_000_000, "fragments of text in the expanded commands of a file")
COMMANDS_PATHS = Limit(
    64, "branches of one condition that may link something, in make or a shell script"
)
MAKE_REFERENCES = Limit(100_000, "variable references in a makefile")
MAKE_CONDITIONS = Limit(100, "nested conditionals in a makefile")
# Each takes up to seven frames of the interpreter. A call of `subst` for every letter is 28 deep.
MAKE_DEPTH = Limit(50, "nested variables in a makefile")
MAKE_TEXT = Limit(200_000, "characters in an expansion of make")
MAKE_RECIPES = Limit(10_000, "targets in a makefile")
MAKE_PARENTS = Limit(100, "targets whose variables a target of make inherits")
MAKE_LOOP = Limit(1_000, "words in a `foreach` of make")
SHELL_COMMANDS = Limit(50_000, "commands in a script")
SHELL_NESTING = Limit(50, "nested expansions in a shell script")
SHELL_DEPTH = Limit(8, "nested scripts and substitutions")
SHELL_ARITHMETIC = Limit(2_000, "characters in an arithmetic command of a shell script")
SHELL_VALUE = Limit(200_000, "characters in a shell variable")
SUBSTITUTIONS = Limit(5_000, "substitutions in one command")

# Meson

MESON_STEPS = Limit(200_000, "statements and expressions in one evaluation of a Meson project")
MESON_ATOMS = Limit(5_000, "items in a value of Meson")
MESON_DEPTH = Limit(40, "nested brackets or blocks in Meson")
MESON_TEXT = Limit(16_384, "characters in a string that Meson puts together")
MESON_ITEMS = Limit(1_000, "iterations of a loop in Meson")
MESON_WALKS = Limit(800, "evaluations of build files in one evaluation of a Meson project")
MESON_FILES = Limit(400, "build files of a Meson project", is_silent=True)

# All build files

LEXER_MARKS = Limit(
    500_000, "backslashes, quotation marks and dollar signs in a file of CMake or Meson"
)
LINK_USES = Limit(1_000, "uses of one reference to libpython", is_silent=True)
SIBLING_BYTES = Limit(1 << 20, "bytes in another build file of the project", is_silent=True)
PROJECT_FILES = Limit(
    20_000,
    "files of a project that are searched for flags of the linker, packages of CMake, or imports of"
    " a module",
    is_silent=True,
)
PROJECT_BYTES = Limit(1 << 28, "bytes of a project that are searched for these", is_silent=True)
PROJECT_WORDS = Limit(
    2_000_000, "words of the files that may use a module or change `ctypes`", is_silent=True
)
FOLDERS_ABOVE = Limit(8, "directories above a build file that are searched", is_silent=True)
YAML_DEPTH = Limit(100, "nested keys and items in YAML")
TOML_DEPTH = Limit(100, "nested arrays and tables in TOML")
INI_LINES = Limit(10_000, "lines in a setup.cfg or in the commands of a tox.ini")

# Python

PYTHON_STEPS = Limit(20_000, "expressions evaluated for one value")
PYTHON_FILE_STEPS = Limit(150_000, "expressions evaluated for one file")
PYTHON_CALLS = Limit(8, "nested calls")
PYTHON_ALTERNATIVES = Limit(64, "alternatives of a value")
PYTHON_ITEMS = Limit(10_000, "values in one collection")
PYTHON_TEXT = Limit(16_384, "characters in a string of Python")
PYTHON_ITERATIONS = Limit(1_000, "iterations of loops that are evaluated one by one")
PYTHON_BASES = Limit(64, "classes that inherit one from another")
PYTHON_LOOPS = Limit(500, "repeated walks of loops in more than four loops")
PYTHON_SUBCLASSES = Limit(64, "subclasses of a class, in its methods")
PYTHON_PROGRAMS = Limit(50, "different Python programs in the strings of a file")
PYTHON_PROGRAM_TEXT = Limit(64_000, "characters in a Python program in a string")
PYTHON_PROGRAM_NAMES = Limit(
    8, "names between a Python program in a string and its use", is_silent=True
)
PYTHON_IMPORTED = Limit(60, "modules that a Python file imports", is_silent=True)
PYTHON_IMPORT_DEPTH = Limit(3, "imports from a Python file to a module", is_silent=True)
PYTHON_IMPORT_BYTES = Limit(64_000, "bytes in a module that is imported", is_silent=True)
PYTHON_MODULE_DEPTH = Limit(
    6, "calls and names from one module to the next behind a Python file", is_silent=True
)
PYTHON_MODULES = Limit(16, "modules that are parsed for a Python file")
# Parsing so many takes about a second.
PYTHON_MODULES_BYTES = Limit(150_000, "bytes in modules that are parsed for a Python file")
PYTHON_HELPERS = Limit(4, "functions of another module between a call and the load", is_silent=True)
PYTHON_DEPTH = Limit(1_500, "levels of nesting in Python")
PYTHON_NODES = Limit(100_000, "nodes in a Python syntax tree")
PYTHON_MARKS = Limit(300_000, "brackets, operators and other marks in Python code")
PYTHON_QUOTES = Limit(1_000_000, "quotation marks in Python code")
PYTHON_BRACES = Limit(30_000, "opening braces in Python code")
PYTHON_BLANKS = Limit(250_000, "blanks in a row in Python code")
