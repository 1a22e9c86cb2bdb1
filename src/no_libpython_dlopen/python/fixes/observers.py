"""What in a file can tell a rewritten load from the one before, though both do the same.

A hook sees which functions are called, or which exceptions nothing handles; the dynamic loader says
what is loaded; and code that reads code sees other code.
"""

from __future__ import annotations

import re

import libcst as cst

from no_libpython_dlopen.python.syntax.parse import descendants, last_word
from no_libpython_dlopen.python.syntax.positions import Positions

#: They say which library an address is in, or which are loaded.
_LOADED = frozenset(
    {"dladdr", "dladdr1", "dlinfo", "dl_iterate_phdr", "memory_maps", "_dyld_get_image_name"}
    | {"addaudithook"}
)
_CALLS = frozenset(
    {"settrace", "setprofile", "settrace_all_threads", "setprofile_all_threads", "use_tool_id"}
    | {"cProfile"}
)
#: They give any object there is, and so those that are in no name's reach.
_OBJECTS = frozenset({"get_objects", "get_referrers", "get_referents"})
#: A failed load ends a thread, a callback or a finaliser, which these are told.
_EXCEPTIONS = frozenset({"excepthook", "unraisablehook", "set_exception_handler"})
#: They catch what their caller's functions raise, and show it elsewhere or not at all.
_CATCHERS = frozenset(
    {"redirect_stderr", "raiseExceptions", "reprlib", "InteractiveInterpreter"}
    | {"InteractiveConsole"}
)
_TEST_RUNS = frozenset({"TextTestRunner", "TestResult"})
_TEST_FAILURES = frozenset({"errors", "failures"})
_CODE = frozenset(
    {"__code__", "getsource", "getsourcelines", "findsource", "linecache", "dis"}
    | {"get_instructions", "Bytecode"}
)
#: Texts that name the list of what a process has mapped, or a program that shows it.
_MAPS = re.compile(r"/s?maps(?![\w.])|/map_files\b|(?<![\w-])(?:lsof|pmap)(?![\w-])")
#: What can show the text of an exception without being given it.
_TRACES = frozenset({"traceback", "exc_info", "exception"})
_OBSERVERS = {
    **dict.fromkeys(_LOADED, "asks which libraries are loaded"),
    **dict.fromkeys(_CALLS, "sees which functions are called"),
    **dict.fromkeys(_EXCEPTIONS, "sees the exceptions that nothing handles"),
    **dict.fromkeys(_OBJECTS, "gives any object, `ctypes.pythonapi` too"),
    **dict.fromkeys(_CATCHERS, "may hide an exception that nothing handles"),
    **dict.fromkeys(_CODE, "reads the code itself"),
}
#: Functions that open what ``__file__`` names, or measure it.
_READERS = frozenset({"open", "getsize", "stat", "getline", "getlines"})
_PATH_READERS = frozenset({"read_text", "read_bytes", "open", "stat"})
#: What tells line numbers, or which variables a function has, to code elsewhere in a file.
_FRAMES = frozenset(
    {"f_locals", "f_lineno", "tb_lineno", "tb_frame", "getframeinfo", "__closure__"}
    | {"extract_tb", "extract_stack", "walk_tb", "walk_stack", "co_firstlineno", "lineno"}
    | {"capture_locals"}
)


def observer(positions: Positions) -> str:
    """Return a clause on code of the file that may notice the rewrite of a load; empty for none."""
    names = [one.value for one in positions.nodes(cst.Name)]
    for name in names:
        if name in _OBSERVERS:
            return f"`{name}` {_OBSERVERS[name]}"
    if _TEST_RUNS.intersection(names) and _TEST_FAILURES.intersection(names):
        return "the file counts the tests that fail"
    if any(map(_is_stderr, positions.nodes(cst.AssignTarget))) or any(
        map(_closes_stderr, positions.nodes(cst.Call))
    ):
        return "`sys.stderr` no longer shows an exception that nothing handles"
    texts = [one.value for one in positions.nodes(cst.SimpleString)]
    texts += [one.value for one in positions.nodes(cst.FormattedStringText)]
    for text in texts:
        if found := _MAPS.search(text):
            return f"`{found[0]}` asks which libraries are loaded"
    if any(_shows_message(one, names) for one in positions.nodes(cst.ExceptHandler)):
        return "the message of an `AttributeError` names the library"
    reads = "__file__" in names and any(map(_reads_own_file, positions.nodes(cst.Call)))
    return "the file reads its own source" if reads else ""


def reads_frames(positions: Positions) -> bool:
    """Return whether a file looks at lines or variables of functions that it does not name."""
    return any(node.value in _FRAMES for node in positions.nodes(cst.Name)) or any(
        "lineno" in node.value for node in positions.nodes(cst.SimpleString)
    )


def _shows_message(handler: cst.ExceptHandler, names: list[str]) -> bool:
    """Return whether a handler of a missing function may use the text of its exception."""
    parts = descendants(handler.type) if handler.type is not None else ()
    caught = {one.value for one in parts if isinstance(one, cst.Name)}
    is_used = handler.name is not None or not _TRACES.isdisjoint(names)
    return "AttributeError" in caught and is_used


def _is_stderr(target: cst.AssignTarget) -> bool:
    return isinstance(target.target, cst.Attribute) and target.target.attr.value == "stderr"


def _closes_stderr(call: cst.Call) -> bool:
    """Return whether a call closes or replaces descriptor 2, or the attribute by its name."""
    words = {
        part.value
        for one in call.args
        for part in descendants(one)
        if isinstance(part, (cst.Integer, cst.Name, cst.SimpleString))
    }
    return bool(
        last_word(call.func) in ("dup2", "close", "closerange", "setattr")
        and words & {"2", "stderr", '"stderr"', "'stderr'"}
    )


def _reads_own_file(call: cst.Call) -> bool:
    made = call.func.value if isinstance(call.func, cst.Attribute) else None
    if isinstance(made, cst.Call) and last_word(call.func) in _PATH_READERS:
        return any(map(_is_own_path, made.args[:1]))
    return last_word(call.func) in _READERS and any(map(_is_own_path, call.args[:1]))


def _is_own_path(argument: cst.Arg) -> bool:
    return isinstance(argument.value, cst.Name) and argument.value.value == "__file__"
