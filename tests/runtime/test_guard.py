"""The guard in real interpreters: what it sees, where it says so, and what stays silent."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from no_libpython_dlopen.runtime.guard import audit_events
from tests.runtime.interpreters import SRC, Compiler, Interpreter

Write = Callable[..., Path]

INSTALL = "from no_libpython_dlopen.runtime import install, allow; install({})\n"

#: Every way of ctypes to open the library whose path is ``sys.argv[1]``.
LOADS = [
    "ctypes.CDLL(sys.argv[1])",
    "ctypes.PyDLL(sys.argv[1])",
    "_ctypes.dlopen(os.fsencode(sys.argv[1]), 2)",
    "ctypes.cdll.LoadLibrary(sys.argv[1])",
    "ctypes.cdll[sys.argv[1]]",
    "ctypes.PyDLL(sys.argv[1], mode=ctypes.RTLD_GLOBAL)",
    "type('Sub', (ctypes.CDLL,), {})(sys.argv[1])",
    "_ctypes.dlopen(sys.argv[1], ctypes.DEFAULT_MODE)",
]


def warned(stderr: str) -> list[tuple[int, str]]:
    """Return line and code of each warning about ``script.py``."""
    found = re.findall(r"script\.py:(\d+): LibpythonWarning: (NLP\d+) ", stderr)
    return [(int(row), code) for row, code in found]


@pytest.mark.parametrize("load", LOADS)
def test_a_load_is_warned_about_at_its_own_line_and_still_happens(
    python: Interpreter, script: Write, stray: Path, load: str
) -> None:
    source = f"import ctypes, _ctypes, os, sys\n{INSTALL.format('')}\n\n{load}\nprint('went on')\n"
    result = python(script(source), stray)
    assert warned(result.stderr) == [(5, "NLP401")]
    assert str(stray) in result.stderr
    assert result.stdout == "went on\n"


def test_a_path_object_is_a_name_too(python: Interpreter, script: Write, stray: Path) -> None:
    source = f"import _ctypes, pathlib, sys\n{INSTALL.format('')}"
    source += "_ctypes.dlopen(pathlib.Path(sys.argv[1]), 2)\n"
    assert warned(python(script(source), stray).stderr) == [(3, "NLP401")]


@pytest.mark.parametrize(
    "load",
    [
        "ctypes.CDLL(None)",
        "ctypes.CDLL('libc.so.6')",
        "ctypes.PyDLL('python', handle=ctypes.pythonapi._handle)",
        "ctypes.pythonapi.Py_GetVersion()",
        "ctypes.util.find_library('python3.11')",
        "ctypes.util.find_library('c')",
        "[_ for _ in [1] if not os.path.exists('libpython3.11.so')]",
        "__import__('decimal')",
    ],
)
def test_what_opens_no_libpython_is_silent(python: Interpreter, script: Write, load: str) -> None:
    source = f"import ctypes.util, os\n{INSTALL.format('')}{load}\n"
    assert python("-Walways", script(source)).stderr == ""


@pytest.mark.parametrize("how", ["-Werror::DeprecationWarning", "-Werror", "action='error'"])
def test_as_an_error_it_stops_before_anything_is_mapped(
    python: Interpreter, script: Write, stray: Path, how: str
) -> None:
    action, flags = (how, []) if how.startswith("action") else ("", [how])
    source = f"""
import ctypes, pathlib, sys
{INSTALL.format(action)}
for _ in range(2):
    try:
        ctypes.CDLL(sys.argv[1])
    except DeprecationWarning as error:
        assert (error.library, error.filename, error.row) == (sys.argv[1], __file__, 7)
        print(error.code, sys.argv[1] in pathlib.Path("/proc/self/maps").read_text())
"""
    assert python(*flags, script(source), stray).stdout == "NLP401 False\n" * 2


def test_its_traceback_has_one_frame_of_ours(
    python: Interpreter, script: Write, stray: Path
) -> None:
    source = f"import ctypes, sys\n{INSTALL.format('action=chr(101)+chr(114)*2+chr(111)+chr(114)')}"
    result = python(script(source + "ctypes.CDLL(sys.argv[1])\n"), stray, check=False)
    assert result.returncode == 1
    assert result.stderr.count("no_libpython_dlopen/runtime") == 1
    assert "no_libpython_dlopen.runtime.LibpythonWarning: NLP401" in result.stderr


def test_a_loop_is_warned_about_once_and_another_line_again(
    python: Interpreter, script: Write, stray: Path
) -> None:
    source = f"""import ctypes, sys, warnings
{INSTALL.format("")}
for _ in range(50):
    with warnings.catch_warnings():  # makes the warnings module forget what it showed
        ctypes.CDLL(sys.argv[1])
ctypes.CDLL(sys.argv[1])
"""
    assert warned(python(script(source), stray).stderr) == [(6, "NLP401"), (7, "NLP401")]


def test_a_place_that_was_warned_about_is_an_error_once_the_filters_say_so(
    python: Interpreter, script: Write, stray: Path
) -> None:
    source = f"""import ctypes, sys, warnings
{INSTALL.format("")}
def load():
    ctypes.CDLL(sys.argv[1])
load()
warnings.filterwarnings("error", message="NLP401 ctypes opens", module="__main__")
try:
    load()
except DeprecationWarning:
    print("raised")
warnings.filterwarnings("ignore", message="NLP401")
load()
"""
    assert python(script(source), stray).stdout == "raised\n"


EVERY = """import ctypes, sys, warnings
{install}
def load():
    ctypes.CDLL(sys.argv[1])
load()
for _ in range(2):
    with warnings.catch_warnings(record=True) as log:
        {filter}
        load(), load()
    print(len(log))
load()
"""


@pytest.mark.parametrize(
    ("filter", "count"),
    [("warnings.simplefilter('always')", 2), ("pass", 1), ("warnings.simplefilter('ignore')", 0)],
)
def test_a_block_that_records_sees_what_the_filters_show(
    version: Interpreter, script: Write, stray: Path, filter: str, count: int
) -> None:
    path = script(EVERY.format(install=INSTALL.format(""), filter=filter))
    result = version("-Wdefault", path, stray)
    assert result.stdout == f"{count}\n{count}\n"
    assert warned(result.stderr) == [(5, "NLP401")]


def test_a_finding_stands_whatever_the_loader_of_the_source_does(
    python: Interpreter, script: Write, stray: Path
) -> None:
    source = f"""import sys
{INSTALL.format("")}
class Loader:
    def get_source(self, name): raise ValueError(name)
names = {{"__name__": "made", "__loader__": Loader()}}
exec(compile("import ctypes, sys; ctypes.CDLL(sys.argv[1])", "made.py", "exec"), names)
print("end")
"""
    result = python("-Walways", script(source), stray)
    assert result.stdout == "end\n"
    assert result.stderr.startswith("made.py:1: LibpythonWarning: NLP401")


def test_other_modules_are_hidden_as_any_deprecation_is(
    python: Interpreter, script: Write, stray: Path
) -> None:
    script("import ctypes, sys\nctypes.CDLL(sys.argv[1])\n", "helper.py")
    main = script(
        f"import sys\n{INSTALL.format('')}sys.path.append({str(stray.parent)!r})\nimport helper\n"
    )
    assert python(main, stray).stderr == ""
    assert "helper.py:2: LibpythonWarning" in python("-Wdefault", main, stray).stderr


def test_a_link_or_a_copy_under_another_name_is_still_libpython(
    python: Interpreter, script: Write, stray: Path
) -> None:
    link, copy = stray.with_name("other.so"), stray.with_name("copy.so")
    link.symlink_to(stray)
    copy.write_bytes(stray.read_bytes())
    source = f"import ctypes, sys\n{INSTALL.format('')}ctypes.CDLL(sys.argv[1])\nctypes.CDLL(sys.argv[2])\n"
    assert warned(python(script(source), link, copy).stderr) == [(3, "NLP401"), (4, "NLP401")]


def test_a_plain_name_that_leads_to_libpython_by_a_link_is_found_afterwards(
    python: Interpreter, script: Write, stray: Path
) -> None:
    stray.with_name("libinnocent.so").symlink_to(stray)
    source = f"import ctypes\n{INSTALL.format('')}ctypes.CDLL('libinnocent.so')\nopen('/dev/null').close()\n"
    result = python("-Wdefault", script(source), LD_LIBRARY_PATH=str(stray.parent))
    assert warned(result.stderr) == [(3, "NLP401")]


def test_the_message_says_which_copy_it_is(python: Interpreter, script: Write, stray: Path) -> None:
    version = python("-c", "import sysconfig; print(sysconfig.get_config_var('LDVERSION'))").stdout
    own = f"libpython{version.strip()}.so.1.0"  # INSTSONAME may be the name of an archive
    source = f"""import ctypes, sys
{INSTALL.format("")}
for name in sys.argv[1:]:
    try:
        ctypes.CDLL(name)
    except OSError:
        pass
"""
    result = python(script(source), stray, "libpython3.98.so.1.0", own)
    second, missing, last = re.findall(r"NLP401 (.*)", result.stderr)
    assert f"a second copy of the Python runtime ({stray}; this one runs from /" in second
    assert "`libpython3.98.so.1.0`, which the loader does not find here" in missing
    assert ("the library this interpreter runs from" in last) == (python.linkage == "shared")


IMPORT = """import pathlib, sys
{install}sys.path.insert(0, {folder!r})
try:
    import {module}
except DeprecationWarning:
    print("stopped")
print("libpython3.99" in pathlib.Path("/proc/self/maps").read_text())
"""


def test_an_extension_that_needs_libpython_is_caught_before_its_map(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler
) -> None:
    module = compiler.module("needy", "-l:libpython3.99.so.1.0")
    path = script(
        IMPORT.format(install=INSTALL.format(""), folder=str(module.parent), module="needy")
    )
    result = python(path)
    assert warned(result.stderr) == [(5, "NLP402")]
    assert f"extension module `needy` ({module}) needs `libpython3.99.so.1.0`" in result.stderr
    assert result.stdout == "True\n"
    assert python("-Werror", path).stdout == "stopped\nFalse\n"


def test_an_extension_that_needs_nothing_of_it_is_silent(
    python: Interpreter, script: Write, compiler: Compiler
) -> None:
    module = compiler.module("plain")
    path = script(
        IMPORT.format(install=INSTALL.format(""), folder=str(module.parent), module="plain")
    )
    result = python("-Walways", path)
    assert (result.stderr, result.stdout) == ("", "False\n")


def test_an_extension_whose_dependency_needs_libpython_is_caught_before_its_map(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler
) -> None:
    compiler.library("libmiddle.so", "-l:libpython3.99.so.1.0")
    module = compiler.module("indirect", "-l:libmiddle.so")
    source = IMPORT.format(install=INSTALL.format(""), folder=str(module.parent), module="indirect")
    result = python(script(source))
    assert warned(result.stderr) == [(5, "NLP402")]
    assert "`libmiddle.so`, needed by extension module `indirect`," in result.stderr
    assert "needs `libpython3.99.so.1.0`" in result.stderr
    assert python("-Werror", script(source)).stdout == "stopped\nFalse\n"


@pytest.mark.parametrize("need", ["directly", "by a library"])
def test_a_need_of_the_interpreters_own_library_is_caught_too(
    shared: Interpreter, script: Write, compiler: Compiler, need: str
) -> None:
    config = (
        "import sysconfig as s; print(s.get_config_var('LIBDIR'), s.get_config_var('INSTSONAME'))"
    )
    folder, name = shared("-c", config).stdout.split()
    options = (f"-L{folder}", f"-l:{name}")
    if need == "by a library":
        compiler.library("libmiddle.so", *options)
        options = ("-l:libmiddle.so",)
    module = compiler.module("needy", *options)
    source = IMPORT.format(install=INSTALL.format(""), folder=str(module.parent), module="needy")
    result = shared(script(source))
    assert warned(result.stderr) == [(5, "NLP402")]
    assert "the library this interpreter runs from" in result.stderr


def test_a_library_of_ctypes_that_needs_libpython_is_caught(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler
) -> None:
    middle = compiler.library("libmiddle.so", "-l:libpython3.99.so.1.0")
    source = f"import ctypes, sys\n{INSTALL.format('')}ctypes.CDLL(sys.argv[1])\n"
    result = python(script(source), middle)
    assert warned(result.stderr) == [(3, "NLP402")]


#: Opens a library as cffi does: straight from C, without an audit event.
SILENT = """
#include <dlfcn.h>
void *open_silently(const char *name) { return dlopen(name, RTLD_NOW); }
"""


def test_what_raises_no_event_is_found_at_exit(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    source = f"""import ctypes, sys
opener = ctypes.CDLL(sys.argv[1])
{INSTALL.format("")}
opener.open_silently(sys.argv[2].encode())
print("end")
"""
    result = python(script(source), opener, stray)
    assert result.stdout == "end\n"
    assert re.search(r"script\.py:0: LibpythonWarning: NLP401 `libpython3\.99", result.stderr)
    assert str(stray) in result.stderr
    stopped = python("-Werror", script(source), opener, stray)
    assert "nolibpy: at exit: NLP401" in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_what_raises_no_event_is_found_before_the_process_becomes_another(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    source = f"""import ctypes, os, sys
opener = ctypes.CDLL(sys.argv[1])
{INSTALL.format("")}
opener.open_silently(sys.argv[2].encode())
os.execv("/bin/echo", ["echo", "other"])
"""
    result = python(script(source), opener, stray)
    assert result.stdout == "other\n"
    assert "NLP401 `libpython3.99.so.1.0` is mapped" in result.stderr


ATTEMPTS = [
    "try: ctypes.CDLL('libpython3.99.so.1.0')\nexcept Exception: print('refused')",
    "try: ctypes.CDLL(sys.argv[2])\nexcept Exception: print('refused')",
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_attempt_that_is_refused_or_fails_hides_no_later_map(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler, attempt: str
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    source = f"""import ctypes, sys
silent = ctypes.CDLL(sys.argv[1]).open_silently
{INSTALL.format("'error'")}
{attempt}
silent(sys.argv[2].encode())
"""
    result = python(script(source), opener, stray)
    assert result.stdout == "refused\n"
    assert "nolibpy: at exit: NLP401 `libpython3.99.so.1.0` is mapped" in result.stderr
    # without a refusal: what fails by itself hides nothing, what succeeds is reported once
    warned_of = python("-Walways", script(source.replace("'error'", "")), opener, stray).stderr
    assert ("is mapped" in warned_of) == (attempt == ATTEMPTS[0])


@pytest.mark.parametrize("order", ["before", "after"])
def test_an_innocent_load_is_not_blamed_for_a_silent_one(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler, order: str
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    innocent = compiler.library("libinnocent.so")
    lines = ["silent(sys.argv[2].encode())", "ctypes.CDLL(sys.argv[3])"]
    if order == "after":
        lines.reverse()
    first, second = lines
    source = f"""import ctypes, sys
silent = ctypes.CDLL(sys.argv[1]).open_silently
{INSTALL.format("")}
{first}
{second}
open("/dev/null").close()
"""
    result = python("-Walways", script(source), opener, stray, innocent)
    assert warned(result.stderr) == [(0, "NLP401")]
    # Only as what came before; since 3.14 the call itself is an event, and nothing is pending.
    blamed = order == "after" and python.version < (3, 14)
    assert ("libinnocent" in result.stderr) == blamed


def test_an_innocent_import_is_not_blamed_for_a_silent_load(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    compiler.library("libmiddle.so")
    module = compiler.module("innocent", "-l:libmiddle.so")
    source = f"""import ctypes, sys
silent = ctypes.CDLL(sys.argv[1]).open_silently
{INSTALL.format("")}
sys.path.insert(0, {str(module.parent)!r})
silent(sys.argv[2].encode())
import innocent
open("/dev/null").close()
"""
    result = python("-Walways", script(source), opener, stray)
    assert warned(result.stderr) == [(0, "NLP401")]
    assert "`innocent`" not in result.stderr


@pytest.mark.parametrize(
    "later", ["open('/etc/hostname').close()", "import json", "ctypes.CDLL(None)"]
)
def test_an_indirect_need_is_raised_where_it_comes_from_and_nowhere_else(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler, later: str
) -> None:
    compiler.library("libmiddle.so", "-l:libpython3.99.so.1.0")
    compiler.library("libouter.so", "-l:libmiddle.so")
    module = compiler.module("indirect", "-l:libouter.so")
    source = f"""import ctypes, pathlib, sys
{INSTALL.format("'error'")}sys.path.insert(0, {str(module.parent)!r})
for load in (lambda: __import__("indirect"), lambda: ctypes.CDLL(sys.argv[1])):
    try:
        load()
    except DeprecationWarning as error:
        print(error.code, error.library, error.row)
{later}
print("libpython3.99" in pathlib.Path("/proc/self/maps").read_text())
"""
    result = python(script(source), module.with_name("libouter.so"))
    need = "NLP402 libpython3.99.so.1.0 4\n"
    assert result.stdout == f"{need}{need}False\n"


def test_what_is_found_late_is_shown_and_not_raised(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    source = f"""import ctypes, sys
silent = ctypes.CDLL(sys.argv[1]).open_silently
{INSTALL.format("'error'")}
ctypes.CDLL(sys.argv[3])
silent(sys.argv[2].encode())
open("/dev/null").close()
print("end")
"""
    result = python(script(source), opener, stray, compiler.library("libinnocent.so"))
    assert result.stdout == "end\n"
    # Since 3.14 the call itself is an event, at which the mapped files are looked at: before it.
    when = "script.py:0" if python.version < (3, 14) else "at exit"
    assert f"{when}: NLP401 `libpython3.99.so.1.0` is mapped" in result.stderr


def test_a_copy_that_was_there_before_the_guard_is_found(
    python: Interpreter, script: Write, stray: Path
) -> None:
    source = f"import ctypes, sys\nctypes.CDLL(sys.argv[1])\n{INSTALL.format('')}"
    assert "NLP401 `libpython3.99.so.1.0` is mapped" in python(script(source), stray).stderr


def test_cffi_is_found(script: Write, stray: Path) -> None:
    pytest.importorskip("_cffi_backend")
    source = f"""import cffi, sys
{INSTALL.format("")}
cffi.FFI().dlopen(sys.argv[1])
"""
    this = Interpreter(sys.executable, "", (0, 0))
    result = this(script(source), stray)
    assert "NLP401 `libpython3.99.so.1.0` is mapped" in result.stderr
    assert "cffi" in result.stderr


ALLOWED = [
    ("allow_names=['libpython3.99*']", "ctypes.CDLL(sys.argv[1])"),
    ("allow_modules=['__main__']", "ctypes.CDLL(sys.argv[1])"),
    ("", "with allow(): ctypes.CDLL(sys.argv[1])"),
    ("", "with allow(), allow(): pass\nwith allow(): ctypes.CDLL(sys.argv[1])"),
]


@pytest.mark.parametrize(("settings", "load"), ALLOWED)
def test_what_is_allowed_is_silent_to_the_end(
    python: Interpreter, script: Write, stray: Path, settings: str, load: str
) -> None:
    source = f"import ctypes, sys\n{INSTALL.format(settings)}{load}\n"
    assert python("-Walways", script(source), stray).stderr == ""


NOT_ALLOWED = [
    ("allow_names=['libpython3.11*']", "ctypes.CDLL(sys.argv[1])"),
    ("allow_modules=['main', 'some']", "ctypes.CDLL(sys.argv[1])"),
    ("", "with allow(): pass\nctypes.CDLL(sys.argv[1])"),
]


@pytest.mark.parametrize(("settings", "load"), NOT_ALLOWED)
def test_what_is_not_allowed_is_not(
    python: Interpreter, script: Write, stray: Path, settings: str, load: str
) -> None:
    source = f"import ctypes, sys\n{INSTALL.format(settings)}{load}\n"
    assert len(warned(python(script(source), stray).stderr)) == 1


def test_a_libpython_that_is_only_read_is_silent(
    python: Interpreter, script: Write, stray: Path
) -> None:
    source = (
        f"import mmap, sys\n{INSTALL.format('')}with open(sys.argv[1], 'rb') as file:\n"
        "    views = [mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) for _ in range(2)]\n"
    )
    assert python("-Walways", script(source), stray).stderr == ""


def test_a_block_that_allows_cffi_is_silent_at_exit(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    source = f"""import ctypes, sys
opener = ctypes.CDLL(sys.argv[1])
{INSTALL.format("")}
with allow():
    opener.open_silently(sys.argv[2].encode())
"""
    assert python("-Walways", script(source), opener, stray).stderr == ""


def test_an_allowed_package_may_import_its_module(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler
) -> None:
    module = compiler.module("needy", "-l:libpython3.99.so.1.0")
    install = INSTALL.format("allow_modules=['needy']")
    path = script(IMPORT.format(install=install, folder=str(module.parent), module="needy"))
    assert python("-Walways", path).stderr == ""


def test_log_and_record_tell_without_a_warning(
    python: Interpreter, script: Write, stray: Path
) -> None:
    source = """import ctypes, logging, sys
logging.basicConfig(format="%(name)s %(message)s", stream=sys.stdout)
from no_libpython_dlopen.runtime import install, uninstall
install("log")
for _ in range(2): ctypes.CDLL(sys.argv[1])
install("record", listener=lambda detection, message: print(detection.code, detection.location.row))
for _ in range(2): ctypes.CDLL(sys.argv[1])
uninstall()
ctypes.CDLL(sys.argv[1])
"""
    result = python("-Walways", script(source), stray)
    assert result.stderr == ""
    first, *rest = result.stdout.splitlines()
    assert first.startswith("no_libpython_dlopen ")
    assert "script.py:5: NLP401" in first
    assert rest == ["NLP401 7", "NLP401 7"]


def test_an_unknown_action_is_refused(python: Interpreter) -> None:
    result = python("-c", INSTALL.format("'shout'"), check=False)
    assert (
        "ValueError: action must be one of warn, error, log, record, not 'shout'" in result.stderr
    )


def test_every_thread_is_watched_and_shows_its_own_line(
    version: Interpreter, script: Write, stray: Path
) -> None:
    source = f"""import ctypes, sys, threading
{INSTALL.format("")}
def one():
    ctypes.CDLL(sys.argv[1])
def two():
    ctypes.CDLL(sys.argv[1])
threads = [threading.Thread(target=f) for f in (one, two) * 8]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    rows = warned(version("-Wdefault", script(source), stray).stderr)
    assert sorted(set(rows)) == [(5, "NLP401"), (7, "NLP401")]


def test_a_forked_child_is_watched(version: Interpreter, script: Write, stray: Path) -> None:
    source = f"""import ctypes, os, sys
{INSTALL.format("")}
if os.fork() == 0:
    ctypes.CDLL(sys.argv[1])
    os._exit(0)
os.wait()
"""
    assert warned(version(script(source), stray).stderr) == [(5, "NLP401")]


def test_a_subinterpreter_can_have_a_guard_of_its_own(
    version: Interpreter, script: Write, stray: Path
) -> None:
    source = f"""import sys
{INSTALL.format("")}
code = {INSTALL.format("")!r} + "import _ctypes; _ctypes.dlopen(" + repr(sys.argv[1]) + ", 2)"
try:
    import _interpreters as interpreters
    interpreters.exec(interpreters.create("legacy"), code)
except ModuleNotFoundError:
    import _xxsubinterpreters as interpreters
    try:
        one = interpreters.create(isolated=False)
    except TypeError:
        one = interpreters.create()
    interpreters.run_string(one, code)
"""
    result = version("-Wdefault", script(source), stray)
    assert "LibpythonWarning: NLP401" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("value", ["{}", "libc.so.6 {}", "{}:libc.so.6"])
def test_a_libpython_that_is_preloaded_is_said_to_be(
    python: Interpreter, script: Write, stray: Path, value: str
) -> None:
    preload = value.format(stray)
    result = python("-Walways", script(INSTALL.format("")), LD_PRELOAD=preload)
    assert result.stderr.count("NLP401") == 1
    assert result.stderr.rstrip().endswith("; LD_PRELOAD loads it")


def test_what_runs_inside_the_warning_is_not_watched(
    python: Interpreter, script: Write, stray: Path
) -> None:
    source = f"""import ctypes, sys, warnings
{INSTALL.format("")}
def show(message, *rest, **named):
    print(message.code)
    ctypes.CDLL(sys.argv[1])
warnings.showwarning = show
ctypes.CDLL(sys.argv[1])
"""
    assert python(script(source), stray).stdout == "NLP401\n"


def test_an_argument_that_cannot_be_a_name_gets_ctypes_own_error(
    python: Interpreter, script: Write
) -> None:
    source = f"""import _ctypes
{INSTALL.format("")}
class Odd:
    def __fspath__(self): raise RuntimeError("odd")
for argument in (3, Odd(), "a\\0b", ""):
    try:
        _ctypes.dlopen(argument, 2)
    except Exception as error:
        print(type(error).__name__)
"""
    result = python("-Walways", script(source))
    assert result.stderr == ""
    assert result.stdout.split()[:3] == ["TypeError", "RuntimeError", "ValueError"]


@pytest.mark.parametrize("platform", ["win32", "cygwin", "android"])
def test_platforms_that_need_the_link_are_silent(
    python: Interpreter, script: Write, stray: Path, platform: str
) -> None:
    source = f"import ctypes, sys\nsys.platform = {platform!r}\n{INSTALL.format('')}"
    source += "sys.platform = 'linux'\nctypes.CDLL(sys.argv[1])\n"
    assert python("-Walways", script(source), stray).stderr == ""


def test_the_guard_imports_next_to_nothing(version: Interpreter) -> None:
    source = f"""
import os, sys
before = set(sys.modules)
{INSTALL.format("")}
import json, decimal
print(*sorted(name for name in set(sys.modules) - before if "no_libpython" in name
              or name in ("typing", "dataclasses", "ctypes", "warnings")))
"""
    expected = "runtime runtime.guard runtime.guard.audit_events runtime.guard.detection "
    expected += "runtime.guard.guard runtime.guard.own_imports runtime.guard.source_location "
    expected += "runtime.guard.standard_error runtime.mapped_files version"
    names = version("-c", source).stdout.replace("no_libpython_dlopen", "").split()
    assert [name.lstrip(".") for name in names if name != ""] == expected.split()


@pytest.mark.parametrize("start", ["pass", "sys.path.clear()", "import struct, warnings"])
def test_what_is_imported_late_is_of_the_standard_library(
    version: Interpreter, script: Write, compiler: Compiler, stray: Path, start: str
) -> None:
    """The readers of binaries and ``warnings``: a program may have modules of these names."""
    module = compiler.module("needy", f"-l:{stray.name}")
    for name in ("struct", "warnings", "errno", "linecache"):
        script(f"print('{name} of the program')\n", f"{name}.py")
    source = f"""import _imp, sys
from no_libpython_dlopen.runtime.guard.startup import from_environment
from_environment()
{start}
spec = sys.modules["_frozen_importlib"].ModuleSpec("needy", None, origin={str(module)!r})
print(_imp.create_dynamic(spec).__name__)
"""
    path = script(source)
    theirs = version(path)
    result = version(path, NOLIBPY_GUARD="warn")
    assert result.stdout == theirs.stdout
    assert f"{path}:6: LibpythonWarning: NLP402" in result.stderr


def test_an_import_without_any_frame_of_the_user_is_told_of_the_program(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler
) -> None:
    module = compiler.module("needy", "-l:libpython3.99.so.1.0")
    source = f"""import _imp, _thread, importlib.machinery as m, sys, time
{INSTALL.format("")}spec = m.ModuleSpec("needy", None, origin={str(module)!r})
_thread.start_new_thread(_imp.create_dynamic, (spec,))  # C code from the first frame on
for _ in range(1000):
    time.sleep(0.01)
    with open("/proc/self/maps") as maps:
        if "needy" in maps.read():
            break
"""
    result = python("-Wdefault", script(source))
    assert re.search(r"(script\.py|sys):0: LibpythonWarning: NLP402", result.stderr)


def test_every_libpython_name_passes_the_quick_look() -> None:
    table = (SRC.parent / "tests/cases/names.tsv").read_text().splitlines()
    names = [line.split("\t")[0] for line in table if line.split("\t")[1:2] == ["yes"]]
    assert len(names) > 20
    assert [name for name in names if not audit_events.is_libpython(name)] == []
