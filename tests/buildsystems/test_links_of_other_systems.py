"""What is linked on neither Linux nor macOS is another system's, which may need it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buildsystems.rewriting import found, text_of

HEAD = "import os, platform, sys, sysconfig\nfrom setuptools import Extension, setup\n"
TAIL = 'setup(ext_modules=[Extension("tally", ["tally.c"], libraries=LIBS)])\n'

SILENT = {
    "a flag that is set by tests": """
    is_unix = False
    if sys.platform == "linux":
        is_unix = True
    if sys.platform == "darwin":
        is_unix = True
    LIBS = [] if is_unix else ["python3.11"]
    """,
    "a handler": """
    TABLE = {"linux": ["m"], "darwin": ["objc"]}
    try:
        LIBS = TABLE[sys.platform]
    except KeyError:
        LIBS = ["python3.11"]
    """,
    "the suffix of modules": """
    import sysconfig
    LIBS = ["python3.11"] if sysconfig.get_config_var("EXT_SUFFIX").endswith(".pyd") else []
    """,
    "a separator of paths": """
    LIBS = ["python3.11"] if os.pathsep == ";" else []
    """,
    "what only Unix has": """
    LIBS = []
    if not hasattr(os, "uname") or os.uname().sysname not in ("Linux", "Darwin"):
        LIBS = ["python3.11"]
    """,
    "early returns": """
    def libs():
        if sys.platform == "linux":
            return []
        if sys.platform == "darwin":
            return []
        return ["python3.11"]
    LIBS = libs()
    """,
    "early returns of startswith, with a text": """
    def libs():
        if sys.platform.startswith("linux"):
            return ["m"]
        elif platform.system() == "Darwin":
            return ["m"]
        name = "python3.11"
        return [name, "m"]
    LIBS = libs()
    """,
    "one early return for both": """
    def libs():
        if sys.platform in ("linux", "darwin"):
            return []
        return ["python3.11"]
    LIBS = libs()
    """,
    "a list that is written elsewhere": """
    N = ["python3.11"]
    LIBS = []
    if sys.platform == "linux":
        LIBS += ["m"]
    elif sys.platform == "darwin":
        pass
    else:
        LIBS += N
    """,
    "a name that is written elsewhere": """
    NAME = "python3.11"
    LIBS = ["m"]
    if platform.system() == "Linux":
        LIBS.append("rt")
    elif platform.system() == "Darwin":
        LIBS.append("objc")
    else:
        LIBS.append(NAME)
    """,
    "one name of several systems": """
    IS_LINUX = sys.platform.startswith("linux")
    IS_MAC = sys.platform == "darwin"
    LIBS = []
    if not IS_LINUX and not IS_MAC:
        LIBS = ["python3.11"]
    """,
    "negated and nested": """
    LIBS = []
    if not sys.platform.startswith("linux"):
        if sys.platform != "darwin":
            LIBS.insert(0, "python3.11")
    """,
    "a dictionary of systems": """
    LIBS = {"linux": [], "darwin": [], "win32": ["python3.11"]}[sys.platform]
    """,
    "a dictionary with a default": """
    LIBS = {"linux": ["m"], "darwin": []}.get(sys.platform, ["python3.11"])
    """,
    "a named dictionary with a default": """
    TABLE = {"Linux": ["m"], "Darwin": []}
    DEFAULT = ["python3.11"]
    LIBS = TABLE.get(platform.system(), DEFAULT)
    """,
    "a dictionary that is asked for its key": """
    TABLE = {"linux": ["m"], "darwin": []}
    LIBS = TABLE[sys.platform] if sys.platform in TABLE else ["python3.11"]
    """,
    "match": """
    match sys.platform:
        case "linux":
            LIBS = ["m"]
        case "darwin":
            LIBS = []
        case _:
            LIBS = ["python3.11"]
    """,
    "match of two in a function": """
    def libs(system):
        match system:
            case "Linux" | "Darwin":
                return []
            case other:
                return ["python3.11"]
    LIBS = libs(platform.system())
    """,
    "conditional expressions": """
    EXTRA = ["python3.11"]
    LIBS = [] if sys.platform == "linux" else ([] if sys.platform == "darwin" else EXTRA)
    """,
    "and, or": """
    LIBS = sys.platform not in ("linux", "darwin") and ["python3.11"] or []
    """,
    "a loop over pairs": """
    LIBS = []
    for name in ["m", "python3.11"]:
        if sys.platform == "linux" or sys.platform == "darwin":
            continue
        LIBS.append(name)
    """,
    "a comprehension": """
    LIBS = [name for name in ["python3.11"] if sys.platform not in ("linux", "darwin")]
    """,
    "keywords of an extension": """
    options = {"libraries": ["m"]}
    if sys.platform == "linux":
        options["extra_link_args"] = ["-s"]
    elif sys.platform == "darwin":
        options["extra_link_args"] = []
    else:
        options.update(libraries=["python3.11"])
    LIBS = options["libraries"]
    """,
    "a parameter": """
    def libs(system, library):
        result = []
        if system == "linux":
            return result
        if system == "darwin":
            return result
        result.append(library)
        return result
    LIBS = libs(sys.platform, "python3.11")
    """,
    "an exit": """
    LIBS = ["python3.11"]
    if sys.platform == "linux":
        LIBS = []
    elif sys.platform == "darwin":
        LIBS = ["m"]
    """,
    "removed again": """
    LIBS = ["m", "python3.11"]
    if sys.platform in ("linux", "darwin"):
        LIBS = ["m"]
    """,
    "a class": """
    class Options:
        def libs(self):
            if sys.platform == "linux":
                return self.unix()
            if sys.platform == "darwin":
                return self.unix()
            return self.other()
        def unix(self):
            return ["m"]
        def other(self):
            return ["python3.11"]
    LIBS = Options().libs()
    """,
    "two functions": """
    def is_linux():
        return sys.platform.startswith("linux")
    def is_mac():
        return sys.platform == "darwin"
    def libs():
        if is_linux() or is_mac():
            return []
        return ["python3.11"]
    LIBS = libs()
    """,
    "sysconfig": """
    LIBS = []
    if sysconfig.get_platform().startswith("linux"):
        pass
    elif sysconfig.get_platform().startswith("macosx"):
        pass
    else:
        LIBS = ["python3.11"]
    """,
    "a product": """
    LIBS = ["python3.11"] * (sys.platform not in ("linux", "darwin"))
    """,
    "a generator": """
    def libs():
        yield "m"
        if sys.platform == "linux":
            return
        if sys.platform == "darwin":
            return
        yield "python3.11"
    LIBS = list(libs())
    """,
    "try": """
    LIBS = []
    try:
        if sys.platform == "linux":
            pass
        elif sys.platform == "darwin":
            pass
        else:
            LIBS.append("python3.11")
    finally:
        pass
    """,
    "a name for both": """
    UNIX = ("linux", "darwin")
    LIBS = ["m"]
    if not any(sys.platform.startswith(one) for one in UNIX):
        LIBS += ["python3.11"]
    """,
    "a table of functions": """
    def unix():
        return ["m"]
    def other():
        return ["python3.11"]
    LIBS = {"Linux": unix, "Darwin": unix}.get(platform.system(), other)()
    """,
    "a table that may have nothing": """
    TABLE = {"linux": ["m"], "darwin": ["objc"]}
    LIBS = TABLE.get(sys.platform) or ["python3.11"]
    """,
    "match of a tuple": """
    match sys.platform, platform.machine():
        case ("linux", _) | ("darwin", _):
            LIBS = []
        case _:
            LIBS = ["python3.11"]
    """,
    "an error": """
    def libs():
        if sys.platform in ("linux", "darwin"):
            raise RuntimeError
        return ["python3.11"]
    try:
        LIBS = libs()
    except RuntimeError:
        LIBS = []
    """,
    "an attribute of a class": """
    class Options:
        libs = ["python3.11"]
        if sys.platform == "linux":
            libs = []
        elif sys.platform == "darwin":
            libs = ["m"]
    LIBS = Options.libs
    """,
    "a class for each system": """
    class Base:
        libs = ["python3.11"]
    class Unix(Base):
        libs = []
    Options = Unix if sys.platform in ("linux", "darwin") else Base
    LIBS = Options().libs
    """,
    "an index": """
    LIBS = (["python3.11"], [])[sys.platform in ("linux", "darwin")]
    """,
}

#: Whether it is another system that is asked for cannot be known.
UNSAFE = {
    "a handler beside a link of Linux": """
    NEEDED = ["m", "python3.11"]
    try:
        LIBS = {"linux": NEEDED}[sys.platform]
    except KeyError:
        LIBS = NEEDED
    """,
    "a marker of packaging": """
    from packaging.markers import Marker
    LIBS = []
    if not Marker("sys_platform == 'linux' or sys_platform == 'darwin'").evaluate():
        LIBS = ["python3.11"]
    """,
    "the module of paths": """
    LIBS = ["python3.11"] if os.path.__name__ == "ntpath" else []
    """,
    "a variable that Windows sets": """
    LIBS = ["python3.11"] if "windir" in os.environ else []
    """,
    "a counter": """
    LIBS, known = [], 0
    if sys.platform == "linux":
        known += 1
    if sys.platform == "darwin":
        known += 1
    if known == 0:
        LIBS = ["python3.11"]
    """,
    "a flag that a loop sets": """
    LIBS, known = [], False
    for name in ("linux", "darwin"):
        known = known or sys.platform.startswith(name)
    if not known:
        LIBS = ["python3.11"]
    """,
    "a target of the environment": """
    LIBS = []
    if os.environ["TARGET_SYSTEM"] == "linux":
        pass
    elif os.environ["TARGET_SYSTEM"] == "darwin":
        pass
    else:
        LIBS = ["python3.11"]
    """,
    "names of another file": """
    from build_config import ON_LINUX, ON_MAC
    def libs():
        if ON_LINUX:
            return []
        if ON_MAC:
            return []
        return ["python3.11"]
    LIBS = libs()
    """,
    "functions of another file": """
    from build_config import is_linux, is_macos
    LIBS = [] if is_linux() or is_macos() else ["python3.11"]
    """,
    "an option": """
    from build_config import options
    LIBS = []
    if options.system not in ("linux", "macos"):
        LIBS.append("python3.11")
    """,
    "an option for Windows": """
    from build_config import options
    LIBS = []
    if options.wanted == "windows":
        LIBS.append("python3.11")
    """,
    "match of an option": """
    from build_config import options
    match options.wanted:
        case "linux" | "darwin":
            LIBS = []
        case _:
            LIBS = ["python3.11"]
    """,
    "a dictionary and an option": """
    from build_config import options
    LIBS = {"linux": [], "darwin": [], "win32": ["python3.11"]}[options.wanted]
    """,
    "a dictionary, an option and a default": """
    from build_config import options
    LIBS = {"linux": [], "darwin": []}.get(options.wanted, ["python3.11"])
    """,
    "a part of the name": """
    from build_config import options
    LIBS = []
    if "linux" not in options.wanted and not options.wanted.startswith("macos"):
        LIBS = ["python3.11"]
    """,
    "a question": """
    from build_config import runs_on
    LIBS = []
    if not (runs_on("linux") or runs_on("darwin")):
        LIBS = ["python3.11"]
    """,
    "posix": """
    from build_config import options
    LIBS = []
    if options.family != "posix":
        LIBS = ["python3.11"]
    """,
    "a loop over rows": """
    LIBS = []
    for name, libs in (("linux", []), ("darwin", []), ("win32", ["python3.11"])):
        if sys.platform == name:
            LIBS = libs
    """,
    "a loop over rows, not another one": """
    LIBS = []
    for name, libs in (("linux", ["m"]), ("darwin", []), ("win32", ["python3.11"])):
        if sys.platform != name:
            continue
        LIBS = LIBS + libs
    """,
    "a default of next": """
    ROWS = [("linux", []), ("darwin", [])]
    LIBS = next((libs for name, libs in ROWS if sys.platform.startswith(name)), ["python3.11"])
    """,
    "an option of the command line": """
    LIBS = ["python3.11"] if "--windows" in sys.argv else []
    """,
    "the end of a name": """
    HOST = os.environ.get("HOST_TRIPLE", "")
    LIBS = ["python3.11"]
    if HOST.endswith("linux-gnu") or HOST.endswith("apple-darwin"):
        LIBS = []
    """,
}

SAFE = {
    "Linux": """
    def libs():
        if sys.platform == "darwin":
            return []
        if sys.platform == "win32":
            return []
        return ["python3.11"]
    LIBS = libs()
    """,
    "macOS": """
    def libs():
        if sys.platform == "linux":
            return []
        return ["python3.11"]
    LIBS = libs()
    """,
    "all but Windows": """
    def libs():
        if sys.platform == "win32":
            return []
        return ["python3.11"]
    LIBS = libs()
    """,
    "FreeBSD": """
    LIBS = []
    if sys.platform.startswith("freebsd"):
        LIBS = ["python3.11"]
    """,
    "all": """
    LIBS = ["python3.11"]
    if sys.platform == "linux":
        LIBS.append("rt")
    elif sys.platform == "darwin":
        LIBS.append("objc")
    """,
    "a list that is written elsewhere": """
    N = ["python3.11"]
    LIBS = []
    if sys.platform == "linux":
        LIBS += N
    elif sys.platform == "darwin":
        pass
    else:
        LIBS += ["m"]
    """,
    "a dictionary of systems": """
    LIBS = {"linux": ["python3.11"], "darwin": [], "win32": []}[sys.platform]
    """,
    "a dictionary with a default": """
    LIBS = {"win32": ["m"], "darwin": []}.get(sys.platform, ["python3.11"])
    """,
    "match": """
    match sys.platform:
        case "win32":
            LIBS = ["m"]
        case "darwin":
            LIBS = []
        case _:
            LIBS = ["python3.11"]
    """,
    "and, or": """
    LIBS = sys.platform == "linux" and ["python3.11"] or []
    """,
    "or alone": """
    LIBS = (sys.platform == "win32" and ["m"]) or ["python3.11"]
    """,
    "a loop": """
    LIBS = []
    for name in ["m", "python3.11"]:
        if sys.platform == "win32":
            continue
        LIBS.append(name)
    """,
    "a parameter": """
    def libs(system):
        if system == "win32":
            return []
        return ["python3.11"]
    LIBS = libs(sys.platform)
    """,
    "Linux with an option": """
    LIBS = []
    if sys.platform == "linux" and os.environ.get("LINK"):
        LIBS = ["python3.11"]
    """,
    "an option": """
    LIBS = []
    if "--link" in sys.argv:
        LIBS = ["python3.11"]
    """,
    "a target of the environment": """
    LIBS = []
    if os.environ["TARGET_SYSTEM"] == "linux":
        LIBS = ["python3.11"]
    """,
    "a name of another file": """
    from build_config import ON_LINUX
    LIBS = []
    if ON_LINUX:
        LIBS = ["python3.11"]
    """,
    "all but an option for Windows": """
    from build_config import options
    LIBS = []
    if options.wanted != "windows":
        LIBS.append("python3.11")
    """,
    "one of both": """
    LIBS = ["python3.11"] if sys.platform in ("linux", "darwin") else ["m"]
    """,
    "posix": """
    LIBS = []
    if os.name == "posix":
        LIBS = ["python3.11"]
    """,
    "a list that all systems get as well": """
    N = ["python3.11"]
    LIBS = [] if sys.platform in ("linux", "darwin") else N
    LIBS = LIBS + N
    """,
    "an attribute of a class": """
    class Options:
        libs = []
        if sys.platform == "linux":
            libs = libs + ["python3.11"]
    LIBS = Options.libs
    """,
    "a table of Windows that may have nothing": """
    LIBS = {"win32": ["m"]}.get(sys.platform) or ["python3.11"]
    """,
    "a handler of an import": """
    try:
        import pkgconfig
        LIBS = []
    except ImportError:
        LIBS = ["python3.11"]
    """,
    "match of a tuple": """
    match sys.platform, platform.machine():
        case ("win32", _):
            LIBS = []
        case _:
            LIBS = ["python3.11"]
    """,
    "a product": """
    LIBS = ["python3.11"] * (sys.platform == "linux")
    """,
    "another machine": """
    LIBS = []
    if platform.machine() != "x86_64":
        LIBS = ["python3.11"]
    """,
}
ROWS = [
    *((text, "silent") for text in SILENT.values()),
    *((text, "unsafe") for text in UNSAFE.values()),
    *((text, "safe") for text in SAFE.values()),
]
IDS = [
    f"{verdict}: {name}"
    for verdict, table in (("silent", SILENT), ("unsafe", UNSAFE), ("safe", SAFE))
    for name in table
]


@pytest.mark.parametrize(("block", "verdict"), ROWS, ids=IDS)
def test_a_link_of_another_system_stays(tmp_path: Path, block: str, verdict: str) -> None:
    findings = found(HEAD + text_of(block) + TAIL, str(tmp_path / "setup.py"))
    fixes = [one.fix.applicability.value if one.fix else "none" for one in findings]
    assert fixes == ([] if verdict == "silent" else [verdict])


#: Which class builds the modules, on each system another one: the base's libraries are for the rest.
COMMANDS = """
    from setuptools.command.build_ext import build_ext
    LIBS = []
    class Links(build_ext):
        libs = ["python3.11"]
        def build_extensions(self):
            for one in self.extensions: one.libraries.extend(self.libs)
            super().build_extensions()
    class Plain(Links):
        libs = []
"""


@pytest.mark.parametrize(
    ("choice", "verdict"),
    [
        ('{"build_ext": Plain if sys.platform in ("linux", "darwin") else Links}', ["unsafe"]),
        ('{"build_ext": CHOSEN}', ["unsafe"]),
        ('{"build_ext": Links}', ["safe"]),
    ],
)
def test_a_command_of_another_system_keeps_its_libraries(choice: str, verdict: list[str]) -> None:
    chosen = "CHOSEN = Plain\nif sys.platform == 'win32':\n    CHOSEN = Links\n"
    text = HEAD + text_of(COMMANDS) + chosen * ("CHOSEN" in choice)
    tail = TAIL.replace("setup(", f"setup(cmdclass={choice}, ")
    findings = found(text + tail, "setup.py")
    assert [one.fix.applicability.value if one.fix else "none" for one in findings] == verdict


CMAKE = """cmake_minimum_required(VERSION 3.18)
project(tally C)
find_package(Python3 COMPONENTS Interpreter Development)
Python3_add_library(tally MODULE tally.c)
"""
LINK = "target_link_libraries(tally PRIVATE python3.11)"
MESON = "project('tally', 'c')\npy = import('python').find_installation()\n"
MODULE = "py.extension_module('tally', 'tally.c', link_args: {})\n"
BAZEL = 'pybind_extension(\n    name = "tally",\n    srcs = ["tally.cc"],\n    '
NEITHER = "if get_option('system') not in ['linux', 'darwin']"

#: Lines behind the head of a file, and what is said of them.
OTHER_LANGUAGES = [
    *(
        (BAZEL, f"linkopts = select({{{branches}}}),\n)", verdict)
        for branches, verdict in (
            ('"@platforms//os:windows": ["-lpython3.11"], "//conditions:default": []', "silent"),
            (
                '"@platforms//os:linux": [], "//:osx": [], "//conditions:default": ["-lpython3.11"]',
                "silent",
            ),
            ('"@platforms//os:linux": [], "//conditions:default": ["-lpython3.11"]', "safe"),
            ('"//:on_windows": [], "//conditions:default": ["-lpython3.11"]', "safe"),
            ('"//:own": [], "//conditions:default": ["-lpython3.11"]', "safe"),
            ('"@platforms//os:freebsd": ["-lpython3.11"], "//conditions:default": []', "safe"),
        )
    ),
    (
        MESON,
        "libs = []\nforeach name, own : {'linux': [], 'windows': ['-lpython3.11']}\n"
        "  if name == host_machine.system()\n    libs += own\n  endif\nendforeach\n"
        + MODULE.format("libs"),
        "silent",
    ),
    (
        MESON,
        "libs = []\nforeach name, own : {'linux': ['-lpython3.11'], 'windows': []}\n"
        "  if name == host_machine.system()\n    libs += own\n  endif\nendforeach\n"
        + MODULE.format("libs"),
        "safe",
    ),
    (
        CMAKE,
        f"if(CMAKE_SYSTEM_NAME STREQUAL Linux)\nelseif(APPLE)\nelse()\n{LINK}\nendif()",
        "silent",
    ),
    (CMAKE, f"option(FOR_LINUX '' ON)\nif(NOT FOR_LINUX)\n{LINK}\nendif()", "unsafe"),
    (CMAKE, f"if(NOT TARGET_OS STREQUAL linux)\n{LINK}\nendif()", "unsafe"),
    (CMAKE, f"if(CMAKE_CXX_COMPILER_ID MATCHES AppleClang)\n{LINK}\nendif()", "safe"),
    (CMAKE, f"if(WITH_X OR WIN32)\n{LINK}\nendif()", "safe"),
    (CMAKE, f"if(CMAKE_SYSTEM_NAME STREQUAL FreeBSD)\n{LINK}\nendif()", "safe"),
    (
        MESON,
        "libs = {'linux': [], 'darwin': [], 'windows': ['-lpython3.11']}\n"
        + MODULE.format("libs[host_machine.system()]"),
        "silent",
    ),
    (
        MESON,
        "libs = {'linux': [], 'darwin': []}\n"
        + MODULE.format("libs.get(host_machine.system(), ['-lpython3.11'])"),
        "silent",
    ),
    (
        MESON,
        f"libs = []\n{NEITHER}\n  libs += ['-lpython3.11']\nendif\n" + MODULE.format("libs"),
        "unsafe",
    ),
    (
        MESON,
        "libs = {'windows': []}\n"
        + MODULE.format("libs.get(host_machine.system(), ['-lpython3.11'])"),
        "safe",
    ),
    (
        MESON,
        "libs = {'a': [], 'b': []}\n"
        + MODULE.format("libs.get(get_option('a'), ['-lpython3.11'])"),
        "safe",
    ),
    (
        MESON,
        "libs = []\nif host_machine.system() == 'linux' and get_option('a')\n"
        "  libs += ['-lpython3.11']\nendif\n" + MODULE.format("libs"),
        "safe",
    ),
]


@pytest.mark.parametrize(("head", "lines", "verdict"), OTHER_LANGUAGES)
def test_other_languages_ask_for_the_system_as_well(
    tmp_path: Path, head: str, lines: str, verdict: str
) -> None:
    name = {CMAKE: "CMakeLists.txt", MESON: "meson.build", BAZEL: "BUILD"}[head]
    findings = found(f"{head}{lines}\n", str(tmp_path / name))
    fixes = [one.fix.applicability.value if one.fix else "none" for one in findings]
    assert fixes == ([] if verdict == "silent" else [verdict])
