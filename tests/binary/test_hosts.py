"""What hosts need: no repair takes libpython from what starts an interpreter, or through a link."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.binary.reader import read
from no_libpython_dlopen.binary.repair.repair import repair
from no_libpython_dlopen.model.facts import Needed
from no_libpython_dlopen.model.finding import Applicability
from no_libpython_dlopen.model.kind import Kind
from tests.binary.index_wheels import write_wheel

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")

LIBRARY = "libpython3.11.so.1.0"
INIT = "void *PyInit_{0}(void) {{ return 0; }}\n"
CALL = "void {0}(void);\nvoid start(void) {{ {0}(); }}\n"
STARTING = [
    "Py_Initialize",
    "Py_InitializeEx",
    "Py_InitializeFromConfig",
    "Py_BytesMain",
    "Py_Main",
    "PyImport_AppendInittab",
    "PyImport_ExtendInittab",
    "Py_InitializeFromInitConfig",
    "Py_RunMain",
    "Py_FrozenMain",
    "PyInitConfig_Create",
    "PyConfig_InitIsolatedConfig",
    "PyConfig_SetBytesString",
]
#: Calls that modules make as well, some of them with names that begin alike.
HARMLESS = [
    *("Py_IsInitialized", "PyImport_ImportModule", "Py_Finalize", "PyImport_AddModule"),
    *("PyConfig_Get", "PyConfig_GetInt", "PyConfig_Set", "PyConfig_Names"),
]


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """Return a directory that has no files of other tests around it."""
    path = tmp_path / "of" / "this" / "test" / "alone"
    path.mkdir(parents=True)
    return path


def built(path: Path, code: str) -> Path:
    """Build a shared object that needs libpython."""
    path.parent.mkdir(parents=True, exist_ok=True)
    source, stub = path.parent / "code.c", path.parent / "stub.so"
    command = ["gcc", "-shared", "-fPIC", "-Wl,--no-as-needed"]
    source.write_text("int stub;")
    subprocess.run([*command, f"-Wl,-soname,{LIBRARY}", source, "-o", stub], check=True)
    source.write_text(code)
    subprocess.run([*command, source, stub, "-o", path], check=True)
    source.unlink()
    stub.unlink()
    return path


def need_of(path: Path, kind: Kind = Kind.BINARY) -> Needed:
    (fact,) = read(str(path), kind)
    assert isinstance(fact, Needed)
    return fact


@pytest.mark.parametrize("name", ["_x.cpython-311-x86_64-linux-gnu.so", "_x.abi3.so", "_x.so"])
@pytest.mark.parametrize("call", STARTING)
def test_a_module_that_starts_python_is_told_and_left(tmp_path: Path, name: str, call: str) -> None:
    code = CALL.format(call) + (INIT.format("_x") if name == "_x.so" else "")
    path = built(tmp_path / name, code)
    before = path.read_bytes()
    need = need_of(path)
    assert need.fix is None
    assert need.no_fix_reason.startswith(f"it starts Python itself (it calls `{call}`)")
    done = repair(str(path), unsafe=True)
    assert (done.written, done.repaired) == (None, ())
    assert path.read_bytes() == before
    wheel = write_wheel(tmp_path / "dist", "spam", {f"pkg/{name}": before})
    need = need_of(wheel, Kind.ARCHIVE)
    assert need.fix is None
    assert call in need.no_fix_reason
    whole = wheel.read_bytes()
    assert [member for member, _ in repair(str(wheel), unsafe=True).refused] == [f"pkg/{name}"]
    assert wheel.read_bytes() == whole


@pytest.mark.parametrize("call", HARMLESS)
def test_a_module_that_only_asks_python_is_repaired(tmp_path: Path, call: str) -> None:
    path = built(tmp_path / "_x.so", CALL.format(call) + INIT.format("_x"))
    need = need_of(path)
    assert need.fix is not None
    assert need.fix.applicability is Applicability.SAFE
    assert repair(str(path)).repaired == ("",)
    assert list(read(str(path), Kind.BINARY)) == []


NAME = 'const char *name(void) {{ return "{0}"; }}\n'


@pytest.mark.parametrize("suffix", ["_x.so", "_x.abi3.so"])
@pytest.mark.parametrize(
    ("text", "unsafe"),
    [
        ("Py_InitializeEx", True),
        ("Py_InitializeFromInitConfig", True),
        ("_Py_InitializeMain", True),
        ("Py_RunMain", True),
        ("PyImport_AppendInittab", True),
        ("Py_IsInitialized", False),
        ("PyConfig_Get", False),
        ("call Py_Initialize", False),
        ("Py_Initialize was not called", False),
        ("my_Py_Initialize", False),
    ],
)
def test_a_module_that_names_what_starts_python_has_an_unsafe_fix(
    tmp_path: Path, text: str, unsafe: bool, suffix: str
) -> None:
    path = built(tmp_path / suffix, NAME.format(text) + INIT.format("_x"))
    wheel = write_wheel(tmp_path / "dist", "spam", {f"pkg/{suffix}": path.read_bytes()})
    for place, kind in ((path, Kind.BINARY), (wheel, Kind.ARCHIVE)):
        fix = need_of(place, kind).fix
        assert fix is not None
        assert fix.applicability is (Applicability.UNSAFE if unsafe else Applicability.SAFE)
        assert [text in caveat for caveat in fix.caveats] == [True] * unsafe
        before = place.read_bytes()
        assert bool(repair(str(place)).repaired) is not unsafe
        assert (place.read_bytes() == before) is unsafe
        assert bool(repair(str(place), unsafe=True).repaired) is unsafe
        assert list(read(str(place), kind)) == []


def test_no_repair_goes_through_a_link_to_another_name(tmp_path: Path) -> None:
    library = built(tmp_path / "libdbg.so.1", INIT.format("_dbg"))
    link = tmp_path / "python3" / "_dbg.so"
    link.parent.mkdir()
    os.symlink("../libdbg.so.1", link)
    before = library.read_bytes()
    need = need_of(link)
    assert need.fix is None
    assert need.no_fix_reason == "it is a link to `../libdbg.so.1`"
    assert repair(str(link)).refused == (("", "it is a link to `../libdbg.so.1`"),)
    assert repair(str(link), dry_run=True).repaired == ()
    assert library.read_bytes() == before
    # Into another folder it is a file of its own.
    done = repair(str(link), str(tmp_path / "out"))
    assert done.written is not None
    assert list(read(done.written, Kind.BINARY)) == []
    assert library.read_bytes() == before


def test_a_link_to_the_same_name_is_followed(tmp_path: Path) -> None:
    module = built(tmp_path / "store" / "_x.so", INIT.format("_x"))
    link = tmp_path / "_x.so"
    link.symlink_to(module)
    assert need_of(link).fix is not None
    assert repair(str(link)).repaired == ("",)
    assert link.is_symlink()
    assert list(read(str(module), Kind.BINARY)) == []


def test_a_wheel_behind_a_link_of_another_name_is_left(tmp_path: Path) -> None:
    module = built(tmp_path / "_x.so", INIT.format("_x")).read_bytes()
    wheel = write_wheel(tmp_path / "dist", "spam", {"_x.so": module})
    before = wheel.read_bytes()
    link = tmp_path / "latest-1-py3-none-linux_x86_64.whl"
    link.symlink_to(wheel)
    ((_, told),) = repair(str(link)).refused
    assert told.startswith("it is a link to")
    assert wheel.read_bytes() == before


# Libraries that Python opens at run time

OPERATION = "void Py_IncRef(void *);\nvoid operate(void *value) { Py_IncRef(value); }\n"


def wheel_of(
    tmp_path: Path, members: dict[str, Path], tags: str = "cp311-cp311-linux_x86_64"
) -> Path:
    contents = {name: path.read_bytes() for name, path in members.items()}
    return write_wheel(tmp_path / "dist", "ops", contents, tags=tags)


def test_a_library_that_only_python_can_open_is_reported(tmp_path: Path) -> None:
    library = built(tmp_path / "libop.so", OPERATION)
    need = need_of(wheel_of(tmp_path, {"ops/libop.so": library}), Kind.ARCHIVE)
    assert need.library
    assert need.member == "ops/libop.so"
    assert need.fix is not None
    assert need.fix.applicability is Applicability.UNSAFE
    assert "opens it at run time" in need.fails_on


@pytest.mark.parametrize("unsafe", [False, True])
def test_its_repair_is_unsafe(tmp_path: Path, unsafe: bool) -> None:
    library = built(tmp_path / "libop.so", OPERATION)
    wheel = wheel_of(tmp_path, {"ops/libop.so": library})
    done = repair(str(wheel), unsafe=unsafe)
    assert bool(done.repaired) is unsafe
    assert bool(list(read(str(wheel), Kind.ARCHIVE))) is not unsafe


@pytest.mark.parametrize(
    ("code", "tags"),
    [
        pytest.param(CALL.format("Py_Initialize"), "cp311-cp311-linux_x86_64", id="a host"),
        pytest.param(OPERATION, "py3-none-linux_x86_64", id="no Python is named"),
        pytest.param(OPERATION, "cp311-abi3-linux_x86_64", id="many Pythons"),
        pytest.param(OPERATION, "cp311.cp312-none-linux_x86_64", id="two Pythons"),
    ],
)
def test_other_libraries_are_left_to_their_programs(tmp_path: Path, code: str, tags: str) -> None:
    library = built(tmp_path / "libop.so", code)
    wheel = wheel_of(tmp_path, {"ops/libop.so": library}, tags)
    assert list(read(str(wheel), Kind.ARCHIVE)) == []


MODULE_CODE = (
    "extern int _Py_NoneStruct;\nint *none(void) { return &_Py_NoneStruct; }\n"
    "void *PyInit__core(void) { return 0; }\n"
)
LINKS = "-Wl,--no-as-needed", "-Wl,--unresolved-symbols=ignore-all"


def program(path: Path, *needs: Path) -> Path:
    source = path.with_suffix(".c")
    source.write_text("int *none(void);\nint main(void) { return !none(); }\n")
    subprocess.run(["gcc", source, "-o", path, *LINKS, *needs], check=True)
    return path


@pytest.mark.parametrize("through", [False, True], ids=["itself", "through a library"])
@pytest.mark.parametrize("own", [False, True], ids=["by the module", "itself"])
@pytest.mark.parametrize("unsafe", [False, True])
def test_nothing_is_repaired_that_brings_a_program_its_libpython(
    tmp_path: Path, through: bool, own: bool, unsafe: bool
) -> None:
    """Linked like a library, a module without the entry ends the program: no ``_Py_NoneStruct``."""
    core = built(tmp_path / "_core.so", MODULE_CODE)
    needs = [core]
    members = {"spam/_core.so": core}
    if through:
        library = tmp_path / "libmid.so"
        (tmp_path / "mid.c").write_text("int mid(void) { return 0; }")
        gcc = ["gcc", "-shared", "-fPIC", tmp_path / "mid.c", "-o", library, *LINKS]
        subprocess.run([*gcc, core], check=True)
        needs, members["spam/libmid.so"] = [library], library
    runtime = tmp_path / LIBRARY
    gcc = ["gcc", "-shared", "-xc", os.devnull, "-o", runtime, f"-Wl,-soname,{LIBRARY}"]
    subprocess.run(gcc, check=True)
    members["spam/bin/tool"] = program(tmp_path / "tool", *needs, *([runtime] if own else []))
    wheel = wheel_of(tmp_path, members)
    need = need_of(wheel, Kind.ARCHIVE)
    done = repair(str(wheel), unsafe=unsafe)
    if own:
        assert need.fix is not None
        assert need.fix.applicability is Applicability.SAFE
        assert done.repaired == ("spam/_core.so",)
    else:
        reason = "the program `spam/bin/tool` gets libpython through it"
        assert (need.fix, need.no_fix_reason) == (None, reason)
        assert (done.repaired, done.refused) == ((), (("spam/_core.so", reason),))


@pytest.mark.parametrize(
    ("module", "place", "found"),
    [
        ("spam/_core.so", "spam/tool", True),
        ("spam/_core.so", "spam/bin/tool", True),
        ("spam/deep/_core.so", "spam/bin/tool", True),
        ("lib/python3.11/site-packages/spam/_core.so", "bin/tool", True),
        (
            "lib/python3.11/site-packages/spam/_core.so",
            "lib/python3.11/site-packages/bin/tool",
            True,
        ),
        ("app/lib/_core.so", "app/bin/tool", True),
        ("app/lib/app/plugins/_core.so", "app/bin/tool", True),
        ("app/plugins/python/_core.so", "app/tool", True),
        ("app/plugins/python/_core.so", "tools/tool", True),
        ("app/lib/app/plugins/_core.so", "app/tools/tool", True),
        ("app/lib/app/plugins/_core.so", "app/tools/bin/tool", True),
        ("spam/_core.so", "other/bin/tool", True),
        ("spam/_core.so", "other/deep/down/tool", False),
    ],
)
def test_a_program_in_the_directories_around_is_seen(
    tmp_path: Path, module: str, place: str, found: bool
) -> None:
    core, tool = built(tmp_path / module, MODULE_CODE), tmp_path / place
    for folder in core.relative_to(tmp_path).parents:
        if "spam" in folder.parts:
            (tmp_path / folder / "__init__.py").touch()
    assert need_of(core).fix is not None
    tool.parent.mkdir(parents=True, exist_ok=True)
    program(tool, core)
    need = need_of(core)
    assert (need.fix is None) is found
    if found:
        assert need.no_fix_reason == f"the program `{tool}` gets libpython through it"
        tool.chmod(0o644)  # nobody runs it
        os.utime(tool.parent)
        assert need_of(core).fix is not None


@pytest.mark.parametrize("own", [False, True], ids=["by the module", "by the library"])
@pytest.mark.parametrize(
    ("package", "libraries", "bin_folder"),
    [
        ("spam", "spam", "spam/bin"),
        ("usr/lib/python3/dist-packages/spam", "usr/lib/x86_64-linux-gnu", "usr/bin"),
        ("usr/lib64/python3.11/site-packages/spam", "usr/lib64", "usr/bin"),
    ],
)
@pytest.mark.parametrize("length", [1, 3])
def test_a_program_that_loads_a_module_through_libraries_is_seen(
    tmp_path: Path, package: str, libraries: str, bin_folder: str, length: int, own: bool
) -> None:
    core = built(tmp_path / package / "_core.so", MODULE_CODE)
    (tmp_path / package / "__init__.py").touch()
    (tmp_path / libraries).mkdir(exist_ok=True, parents=True)
    (tmp_path / bin_folder).mkdir(exist_ok=True, parents=True)
    runtime = tmp_path / LIBRARY
    gcc = ["gcc", "-shared", "-fPIC", "-xc", os.devnull, "-xnone", *LINKS]
    subprocess.run([*gcc, f"-Wl,-soname,{LIBRARY}", "-o", runtime], check=True)
    last = core
    for number in range(length):
        library = tmp_path / libraries / f"libmid{number}.so.1"
        soname = f"-Wl,-soname,{library.name}"
        subprocess.run([*gcc, last, *([runtime] if own else []), soname, "-o", library], check=True)
        last = library
    assert need_of(core).fix is not None
    tool = program(tmp_path / bin_folder / "tool", last)
    need = need_of(core)
    told = "" if own else f"the program `{tool}` gets libpython through it"
    assert (need.fix is None, need.no_fix_reason) == (not own, told)


def linked(path: Path, code: str, *needs: str) -> str:
    """Build a shared object that needs others of its directory; returns its name."""
    source = path.with_suffix(".c")
    source.write_text(code)
    command = ["gcc", "-shared", "-fPIC", *LINKS, source.name, *needs, "-o", path.name]
    subprocess.run(command, check=True, cwd=path.parent)
    return path.name


@pytest.mark.parametrize("middle", [False, True], ids=["directly", "through a library"])
@pytest.mark.parametrize(
    ("needs_module", "call", "own", "found"),
    [
        (True, "Py_Initialize", False, True),
        (False, "Py_InitializeEx", False, True),
        (False, "Py_RunMain", False, True),
        (True, "PyErr_Clear", False, False),
        (False, "PyErr_Clear", False, False),  # as Boost.Python's library
        (True, "Py_Initialize", True, False),
    ],
)
def test_a_library_that_starts_python_keeps_the_libpython_of_a_module(
    tmp_path: Path, needs_module: bool, call: str, own: bool, found: bool, middle: bool
) -> None:
    """The library and the module are loaded together by a program, which has no libpython."""
    runtime = linked(tmp_path / LIBRARY, "", f"-Wl,-soname,{LIBRARY}")
    last = tmp_path / ("_core.so" if needs_module else "libhost.so")
    first = linked(last, MODULE_CODE, runtime) if needs_module else linked(last, CALL.format(call))
    members = {"spam/" + first: last}
    if middle:
        first = linked(tmp_path / "libmid.so", "", first)
        members["spam/libmid.so"] = tmp_path / first
    more = (runtime,) if own or not needs_module else ()
    name = "libhost.so" if needs_module else "_core.so"
    linked(tmp_path / name, CALL.format(call) if needs_module else MODULE_CODE, first, *more)
    members["spam/" + name] = tmp_path / name
    reason = "`{0}libhost.so`, which starts Python, gets libpython through it"
    wheel = wheel_of(tmp_path, members)
    for path, folder in ((tmp_path / "_core.so", f"{tmp_path}/"), (wheel, "spam/")):
        need = need_of(path, Kind.ARCHIVE if path == wheel else Kind.BINARY)
        told = reason.format(folder) if found else ""
        assert (need.fix is None, need.no_fix_reason) == (found, told)


def test_a_library_that_starts_python_is_found_by_the_search_path(tmp_path: Path) -> None:
    """It is in none of the directories around, in which programs are looked for."""
    core, far = tmp_path / "spam" / "_core.so", tmp_path / "deep" / "in" / "another" / "libfar.so"
    for path in (core, far):
        path.parent.mkdir(parents=True)
    linked(far, CALL.format("Py_RunMain"))
    runtime = linked(core.with_name(LIBRARY), "", f"-Wl,-soname,{LIBRARY}")
    place = "../deep/in/another"
    linked(core, MODULE_CODE, runtime, f"-L{place}", "-lfar", f"-Wl,-rpath,$ORIGIN/{place}")
    need = need_of(core)
    assert need.fix is None
    assert "libfar.so`, which starts Python, gets libpython through it" in need.no_fix_reason


def test_a_library_that_a_program_of_the_wheel_needs_is_left(tmp_path: Path) -> None:
    library = built(tmp_path / "libop.so", OPERATION)
    source, program = tmp_path / "main.c", tmp_path / "main"
    source.write_text("int main(void) { return 0; }")
    quiet = ("-Wl,--no-as-needed", "-Wl,--unresolved-symbols=ignore-all")
    subprocess.run(["gcc", source, "-o", program, *quiet, library], check=True)
    members = {"ops/libop.so": library, "ops-1.0.data/scripts/main": program}
    assert list(read(str(wheel_of(tmp_path, members)), Kind.ARCHIVE)) == []


# Trees with a module, and with hosts or none

CORE = "spam/python/_core.so"
GLOBAL = "#include <dlfcn.h>\n"
LOOKS_UP = (
    GLOBAL
    + """int main(int n, char **v) {
    void *own = dlopen(v[n - 1], RTLD_NOW | RTLD_GLOBAL);
    void (*start)(void) = (void (*)(void)) dlsym(own, "Py_Initialize");
    return start ? start(), 0 : 1;
}
"""
)
OPENS_IT_ITSELF = LOOKS_UP.replace("v[n - 1]", '"libpython3.11.so.1.0"')
USES_CORE = "int *none(void);\nint main(void) { return !none(); }\n"
PLAIN_PROGRAM = "int main(void) { return 0; }\n"
WRAPPER = """
extern "C" void Py_InitializeEx(int);
struct Host { Host() { start(0); } void (*start)(int) = Py_InitializeEx; };
static Host host;
extern "C" int _Py_NoneStruct;
extern "C" int *none() { return &_Py_NoneStruct; }
extern "C" void *PyInit__core() { return 0; }
"""
WEAK = """
void Py_InitializeFromConfig(void) __attribute__((weak));
void *hooks[] = {(void *) Py_InitializeFromConfig};
"""
TABLE = "int PyImport_AppendInittab(void);\nint (*table[])(void) = {PyImport_AppendInittab};\n"
NAMES = 'const char *names[] = {"Py_Finalize", "Py_InitializeEx", 0};\n'
FURTHER = CALL.format("Py_NewInterpreter")
PRELOADS = "LD_PRELOAD=../python/_core.so ../tool/tool\n"
PRELOADS_IN_PYTHON = (
    "import os, _core\nos.environ['LD_PRELOAD'] = _core.__file__\nos.execv('../tool/tool', ['t'])\n"
)
#: Looks up a name that no string of it is.
MAKES_NAMES = LOOKS_UP.replace(
    'dlsym(own, "Py_Initialize")', 'dlsym(own, (snprintf(name, 99, "Py_%s", v[1]), name))'
).replace(GLOBAL, GLOBAL + "#include <stdio.h>\nchar name[99];\n")
OPENS = "#include <dlfcn.h>\n" + USES_CORE.replace("!none()", "!dlopen(v[1], 2)")
OPENS = OPENS.replace("main(void)", "main(int n, char **v)")
#: A library that wraps the loader, and another that asks it for a name; a program loads both.
OPEN_LIBRARY = GLOBAL + (
    "void *mod_open(const char *p) { return dlopen(p, RTLD_NOW | RTLD_GLOBAL); }\n"
    "void *mod_symbol(void *h, const char *n) { return dlsym(h, n); }\n"
)
LOOKS_UP_THERE = (
    "#include <string.h>\nchar made[99];\nvoid *mod_open(), *mod_symbol();\n"
    "int host(char **v) {{ void (*f)() = mod_symbol(mod_open(v[1]), {0}); return f ? f(0), 0 : 1; }}\n"
)
CALLS_HOST = "int host();\nint main(int n, char **v) { return host(v); }\n"
LARGE = "char large[5 << 20] = {1};\n"
#: It takes a variable from what it runs (SDL), or gives it one.
UNSETS = (
    "int unsetenv(const char *), system(const char *);\n"
    'int open_url(void) { unsetenv("LD_PRELOAD"); return system("xdg-open"); }\n'
)
SETS = UNSETS.replace("unsetenv(const char *)", "putenv(const char *)")
SETS = SETS.replace('unsetenv("LD_PRELOAD")', 'putenv("LD_PRELOAD=./_core.so")')
#: A relocation of what lies at 0x5f7950, the bytes of which are `Py_`.
RELOCATES = (
    '__attribute__((section("far"))) char *pointers[512] = {[298] = (char *) &pointers};\n'
    "int use_far(void) { return *pointers[298]; }\n"
)
#: What is built, in this order: a path, its source, and what it is linked to, by paths. ``->`` is a
#: link; ``RUNTIME`` is a libpython.
RUNTIME = "spam/lib/libpython3.11.so.1.0"
Tree = dict[str, tuple[str, ...]]
HOSTS: dict[str, Tree] = {
    "a program that tells PyInstaller's by name": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/tool": (LOOKS_UP + NAME.format("not in _MEIPASS2"),),
    },
    "a library with a name of PyInstaller's": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libplug.so": (
            LOOKS_UP.replace("main", "plug") + NAME.format("_PYI_ARCHIVE_FILE"),
        ),
    },
    "a library that preloads": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libSDLrun.so": (SETS, "-Wl,-soname,libSDLrun.so"),
    },
    "a program that preloads, called like SDL": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libSDL2-2.0.so.0": (SETS + PLAIN_PROGRAM, "-Wl,-soname,libSDL2-2.0.so.0"),
    },
    "a library that puts a name together, beside such relocations": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libmake.so": (
            RELOCATES + MAKES_NAMES.replace("main", "start"),
            "-Wl,--section-start=far=0x5f7000",
        ),
    },
    "a program linked by a versioned name": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libcore.so.1": ("-> _core.so",),
        "spam/bin/tool": (USES_CORE, "spam/python/libcore.so.1"),
    },
    "versioned links in lib": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/lib/libcore.so.1": ("-> ../python/_core.so",),
        "spam/lib/libcore.so": ("-> libcore.so.1",),
        "spam/sbin/daemon": (USES_CORE, "spam/lib/libcore.so"),
    },
    "through a library by a versioned name": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/lib/libcore.so.1": ("-> ../python/_core.so",),
        "spam/lib/libmid.so": ("", "spam/lib/libcore.so.1"),
        "spam/libexec/tool": (USES_CORE, "spam/lib/libmid.so"),
    },
    "a server that opens plug-ins, as apache": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/server": (LOOKS_UP,),
    },
    "an editor that opens plug-ins beside it, as vim": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/editor": (LOOKS_UP,),
    },
    "a program beside its directory": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/tools/tool": (USES_CORE, CORE),
    },
    "a server beside its directory": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/program/server": (LOOKS_UP,),
    },
    "a server that speaks of libpython": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/server": (
            NAME.format("the plug-in is not linked to libpython")
            + 'const char *more[] = {"/src/libpython-host/main.c", "no libpython3.11.so in it"};\n'
            + LOOKS_UP,
        ),
    },
    "a program above it": {CORE: (MODULE_CODE, RUNTIME), "spam/tool": (USES_CORE, CORE)},
    "a server in sbin": {CORE: (MODULE_CODE, RUNTIME), "spam/sbin/server": (LOOKS_UP,)},
    "a library that opens plug-ins": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libplugins.so": (LOOKS_UP.replace("main", "open_plugin"),),
    },
    "a tool of the package, below it": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libexec/server": (LOOKS_UP,),
    },
    "a wrapper in C++": {CORE: (WRAPPER, RUNTIME, "-xc++")},
    "a plug-in of a server with a weak symbol, as uwsgi": {CORE: (MODULE_CODE + WEAK, RUNTIME)},
    "a plug-in that brings modules along, as lldb": {CORE: (MODULE_CODE + TABLE, RUNTIME)},
    "a plug-in that looks names up, as nginx": {CORE: (MODULE_CODE + NAMES, RUNTIME)},
    "a library that starts Python for the module": {
        "spam/python/libhost.so": (CALL.format("Py_InitializeFromConfig"),),
        CORE: (MODULE_CODE, RUNTIME, "spam/python/libhost.so"),
    },
    "a library beside it that loads the module, as gdb": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/lib/libcore.so.1": ("-> ../python/_core.so",),
        "spam/lib/libgdb.so": (CALL.format("Py_RunMain"), "spam/lib/libcore.so.1"),
    },
    "a program outside, by a link to its directory": {
        CORE: (MODULE_CODE, RUNTIME),
        "opt/spam": ("-> ../spam",),
        "opt/bin/tool": (USES_CORE, "opt/spam/python/_core.so"),
    },
    "in a directory that is a link": {
        "store/3/_core.so": (MODULE_CODE, RUNTIME),
        "spam/python": ("-> ../store/3",),
        "spam/bin/tool": (USES_CORE, CORE),
    },
    "a program deep in the package": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/a/b/c/tool": (USES_CORE, CORE),
    },
    "a program of a directory in a directory beside": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/tools/bin/tool": (USES_CORE, CORE),
    },
    "a server that makes names": {CORE: (MODULE_CODE, RUNTIME), "spam/bin/tool": (MAKES_NAMES,)},
    "a library that makes names": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libplugins.so": (MAKES_NAMES.replace("main", "open_plugin"),),
    },
    "a plug-in that makes names": {
        CORE: (MODULE_CODE + MAKES_NAMES.replace("main", "open_plugin"), RUNTIME)
    },
    "a large library that opens plug-ins": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libplugins.so": (LARGE + LOOKS_UP.replace("main", "open_plugin"),),
    },
    "a large library that lacks what it calls": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libplugins.so": (LARGE + CALL.format("Py_InitializeEx"),),
    },
    "a program that lacks what it calls": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/tool": (WEAK + PLAIN_PROGRAM, "-Wl,-z,dynamic-undefined-weak"),
    },
    "a program of an application far above that opens any library": {
        CORE: (MODULE_CODE, RUNTIME),
        "bin/tool": (OPENS,),
    },
    "a program that opens any library": {CORE: (MODULE_CODE, RUNTIME), "spam/bin/tool": (OPENS,)},
    "what starts a further interpreter": {CORE: (MODULE_CODE + FURTHER, RUNTIME)},
    "a library that starts a further interpreter": {
        "spam/python/libhost.so": (FURTHER,),
        CORE: (MODULE_CODE, RUNTIME, "spam/python/libhost.so"),
    },
    **{
        f"a library that looks up {what} through another, as GModule's": {
            CORE: (MODULE_CODE, RUNTIME),
            f"{lib}/libopen.so": (OPEN_LIBRARY,),
            f"{lib}/libhost.so": (LOOKS_UP_THERE.format(name), f"{lib}/libopen.so"),
            **({tool: (CALLS_HOST, f"{lib}/libhost.so")} if tool else {}),
        }
        for what, name, lib, tool in (
            ("a start", '"Py_InitializeEx"', "spam/lib", "spam/bin/tool"),
            ("a main function", '"Py_BytesMain"', "spam/python", ""),
            ("a name in lib far above", '"PyImport_AppendInittab"', "lib", "bin/tool"),
            ("a made name", 'strcat(strcpy(made, "Py_"), v[2])', "spam/lib", "spam/bin/tool"),
            ("what it is told", "v[2]", "spam/lib", "spam/tool"),
        )
    },
    "a host that defines a module, and looks up a start through another library": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/lib/libopen.so": (OPEN_LIBRARY,),
        "spam/lib/host.so": (
            INIT.format("host") + LOOKS_UP_THERE.format('"Py_InitializeEx"'),
            "spam/lib/libopen.so",
        ),
    },
    "a host that defines a module, and looks up a start itself": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/lib/host.so": (INIT.format("host") + LOOKS_UP.replace("main", "open_plugin"),),
    },
    "a plug-in that may have a libpython for itself, as a library of JNI": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libspamjni.so": (CALL.format("Py_InitializeEx"), RUNTIME),
    },
    "such a plug-in with a further library": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libhelp.so": ("int help(void) { return 1; }\n",),
        "spam/python/host.node.so": (
            CALL.format("Py_NewInterpreter"),
            RUNTIME,
            "spam/python/libhelp.so",
        ),
    },
    **{
        f"such a plug-in whose {what}": {
            CORE: (MODULE_CODE, RUNTIME),
            "spam/lib/libhost.so": (CALL.format("Py_InitializeEx"), *start),
            "spam/lib/libjni.so": (CALL.format("start").replace("start(", "jni(", 3), *jni),
        }
        for what, start, jni in (
            ("start is in a library", (RUNTIME,), ("spam/lib/libhost.so",)),
            ("start is in a library without libpython", (), ("spam/lib/libhost.so", RUNTIME)),
        )
    },
    "such a plug-in for JNI with a library that a program loads as well": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/lib/libhost.so": (CALL.format("Py_InitializeEx"), RUNTIME),
        "spam/lib/libjni.so": ("int jni(void) { return 1; }\n", "spam/lib/libhost.so"),
        "spam/bin/tool": (PLAIN_PROGRAM, "spam/lib/libhost.so"),
    },
    "such libraries that need each other": {
        "spam/lib/libhost.so": (CALL.format("Py_InitializeEx"), RUNTIME),
        "spam/lib/libjni.so": ("", "spam/lib/libhost.so"),
        "spam/lib/./libhost.so": (CALL.format("Py_InitializeEx"), RUNTIME, "spam/lib/libjni.so"),
        CORE: (MODULE_CODE, RUNTIME),
    },
    "another module that starts Python, as JEP's": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/_more.so": (INIT.format("_more") + CALL.format("Py_Initialize"), RUNTIME),
    },
    "such a module that another one loads": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/lib/_more.so": (INIT.format("_more") + CALL.format("Py_Initialize"), RUNTIME),
        "spam/lib/_most.so": (INIT.format("_most"), "spam/lib/_more.so"),
    },
    **{
        f"such a plug-in that is called {name}": {
            CORE: (MODULE_CODE, RUNTIME),
            f"{folder}/{name}": (CALL.format("Py_InitializeEx"), RUNTIME),
        }
        for folder, name in (
            ("spam/python", "host.node"),
            ("spam/python/lib", "host"),
            ("spam/python/plug.vst3/Contents/x86_64-linux", "plug.vst3"),
            ("spam/plugins", "host.xpl"),
        )
    },
    "a plug-in of another program that is linked to it, as GStreamer's": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/lib/libgstspam.so": ("int *none(void);\nint plug(void) { return !none(); }\n", CORE),
    },
    "a program that looks up what opens libraries": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/tool": (OPENS.replace("dlopen(v[1]", '((int (*)()) dlsym(0, "dlopen"))(v[1]'),),
    },
    **{
        f"a program that opens any library by {what}": {
            CORE: (MODULE_CODE, RUNTIME),
            "lib/libopen.so": (f"void *{call}() {{ return 0; }}\n",),
            "spam/bin/tool": (OPENS.replace("dlopen(", f"{call}("), "lib/libopen.so"),
        }
        for what, call in (
            ("GModule", "g_module_open"),
            ("Poco", "_ZN4Poco13SharedLibrary4loadERKSs"),
            ("wxWidgets", "_ZN16wxDynamicLibrary4LoadERK8wxStringi"),
            ("glibmm", "_ZN4Glib6ModuleC1ERKSsNS_11ModuleFlagsE"),
            ("LLVM", "LLVMLoadLibraryPermanently"),
            ("an old glibc", "__libc_dlopen_mode"),
        )
    },
    "a link to a library": {
        "spam/lib/libdbg.so.1": (INIT.format("_core"), RUNTIME),
        CORE: ("-> ../lib/libdbg.so.1",),
    },
}
ASKS = "".join(f"void {name}(void);\nvoid a{name}(void) {{ {name}(); }}\n" for name in HARMLESS)
MODULES: dict[str, Tree] = {
    "beside SDL, which unsets what preloads": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam.libs/libSDL2-2-1667c208.0.so.0.2800.4": (
            UNSETS,
            "-Wl,-soname,libSDL2-2-1667c208.0.so.0.2800.4",
        ),
        "spam.libs/libSDL3-2f.so.0": (UNSETS, "-Wl,-soname,libSDL3-2f.so.0"),
    },
    "beside a library whose relocations look like names": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libcrypto.so": (
            RELOCATES + LOOKS_UP.replace("main", "start").replace("Py_Init", "GL_Init"),
            "-Wl,--section-start=far=0x5f7000",
        ),
    },
    "alone": {CORE: (MODULE_CODE, RUNTIME)},
    "what only asks Python": {CORE: (ASKS + MODULE_CODE, RUNTIME)},
    "a sentence": {CORE: (MODULE_CODE + NAME.format("call Py_Initialize first"), RUNTIME)},
    "beside a program": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/tool": (PLAIN_PROGRAM,),
        "spam/python/tool": (PLAIN_PROGRAM,),
    },
    "beside a program with its own libpython": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libcore.so.1": ("-> _core.so",),
        "spam/bin/tool": (USES_CORE, "spam/python/libcore.so.1", RUNTIME),
    },
    "beside a launcher that opens libpython": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/launcher": (OPENS_IT_ITSELF,),
    },
    "beside a launcher that formats the name": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/launcher": (LOOKS_UP + NAME.format("%s/libpython%d.%d.so.1.0"),),
        "spam/tools/launcher": (LOOKS_UP + NAME.format("libpython"),),
    },
    "beside a plain program of a directory beside": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/tools/tool": (PLAIN_PROGRAM,),
    },
    "beside a library that opens libpython": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/libembed.so": (OPENS_IT_ITSELF.replace("main", "embed"),),
        "spam/tool": (PLAIN_PROGRAM,),
    },
    "beside a static Python": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/python3.11": (
            "void Py_Initialize(void) {}\nvoid *main_table[] = {Py_Initialize};\n" + PLAIN_PROGRAM,
            "-rdynamic",
        ),
    },
    "with a link that nobody needs": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/lib/libcore.so.1": ("-> ../python/_core.so",),
        "spam/bin/tool": (PLAIN_PROGRAM,),
    },
    "with a library": {
        "spam/python/libhelp.so": ("int help(void) { return 1; }\n",),
        CORE: (MODULE_CODE, RUNTIME, "spam/python/libhelp.so"),
        "spam/bin/tool": (PLAIN_PROGRAM, "spam/python/libhelp.so"),
    },
    "beside another host": {
        "spam/lib/libhost.so": (CALL.format("Py_Initialize"), RUNTIME),
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/tool": (PLAIN_PROGRAM, "spam/lib/libhost.so"),
    },
    "beside another host, through a library": {
        "spam/lib/libhost.so": (CALL.format("Py_Initialize"), RUNTIME),
        "spam/lib/libmid.so": ("", "spam/lib/libhost.so"),
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/tool": (PLAIN_PROGRAM, "spam/lib/libmid.so"),
    },
    "beside a library linked to it, which another module loads": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/lib/libuse.so": ("int *none(void);\nint use(void) { return !none(); }\n", CORE),
        "spam/python/_more.so": (INIT.format("_more"), "spam/lib/libuse.so"),
    },
    "beside a library that opens others, as libgomp": {
        "spam/python/libgomp.so": (OPENS.replace("main", "open_plugin"),),
        CORE: (MODULE_CODE, RUNTIME, "spam/python/libgomp.so"),
    },
    "beside a library that looks others up": {
        "spam/lib/libgl.so": (LOOKS_UP.replace("main", "start").replace("Py_Init", "GL_Init"),),
        CORE: (MODULE_CODE, RUNTIME),
    },
    "beside another module that opens it": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/python/_more.so": (
            INIT.format("_more") + OPENS.replace("v[1]", '"_core.so"').replace("main", "more"),
        ),
    },
    "beside a library that looks up what begins like Python's names": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/liblua.so": (LOOKS_UP.replace("main", "start").replace("Py_Initialize", "Py"),),
    },
    "beside programs of PyInstaller": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/run": (LOOKS_UP + NAME.format("_PYI_ARCHIVE_FILE"),),
        "spam/bin/run5": (MAKES_NAMES + NAME.replace("name", "old").format("_MEIPASS2"),),
    },
    "beside a program that needs libpython and opens it": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/tool": (OPENS.replace("v[1]", '"_core.so"'), RUNTIME),
    },
    "beside a program that says it": {
        CORE: (MODULE_CODE, RUNTIME),
        "spam/bin/tool": (NAME.format("Py_Initialize() failed") + PLAIN_PROGRAM,),
    },
}


def built_tree(root: Path, tree: Tree) -> Path:
    """Build a tree, and return the path of its module."""
    for name, (code, *more) in {RUNTIME: ("", f"-Wl,-soname,{LIBRARY}"), **tree}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if code.startswith("-> "):
            path.symlink_to(code[3:])
            continue
        command = ["gcc", "-w", *(() if "int main(" in code else ("-shared", "-fPIC")), *LINKS]
        command += [one for one in more if one.startswith("-")] + ["-"]
        for needed in (root / one for one in more if one[0] != "-"):
            command += [f"-L{needed.parent}", f"-l:{needed.name}"]
        language = () if "-xc++" in more else ("-xc",)
        subprocess.run(
            [*command[:1], *language, *command[1:], "-o", path], input=code.encode(), check=True
        )
    (root / RUNTIME).unlink()
    return root / CORE


def wheel_of_tree(root: Path) -> Path:
    """Pack a tree as a wheel, without its links."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()]
    contents = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
    return write_wheel(root / "dist", "ops", contents, tags="cp311-cp311-linux_x86_64")


@pytest.mark.parametrize("tree", HOSTS.values(), ids=HOSTS)
def test_what_a_host_needs_has_no_safe_repair(tmp_path: Path, tree: Tree) -> None:
    path = built_tree(tmp_path, tree)
    before = path.read_bytes()
    if not any(code.startswith("-> ") for code, *_ in tree.values()):
        wheel = wheel_of_tree(tmp_path)
        assert repair(str(wheel)).repaired == ()
        shutil.rmtree(wheel.parent)
    fix = need_of(path).fix
    assert fix is None or fix.applicability is Applicability.UNSAFE
    assert main(["fix", "--isolated", "--quiet", str(tmp_path)]) == 1
    assert path.read_bytes() == before


@pytest.mark.parametrize("tree", MODULES.values(), ids=MODULES)
def test_a_plain_module_has_a_safe_repair(tmp_path: Path, tree: Tree) -> None:
    path = built_tree(tmp_path, tree)
    assert repair(str(wheel_of_tree(tmp_path))).repaired == (CORE,)
    assert main(["fix", "--isolated", "--quiet", str(tmp_path)]) == 0
    assert list(read(str(path), Kind.BINARY)) == []


#: Texts near a module: what they are, where, and what stands in them.
OBEYED = [
    ("a script that preloads the module", "spam/bin/run", "#!/bin/sh\n" + PRELOADS),
    ("one deep in the package", "spam/python/a/b/run.sh", PRELOADS),
    ("one with variables", "spam/run.sh", "export LD_PRELOAD=$here/$name.so\n./tool"),
    ("one that matches it", "spam/run.sh", 'LD_PRELOAD="$(echo *.so)" ./tool/tool'),
    ("one by the loader", "spam/run.csh", "/lib64/ld-linux-x86-64.so.2 --preload $M ./t"),
    ("one by the loader's name", "spam/run", "$LOADER --preload ./python/_core.so tool"),
    ("a rule of make", "spam/python/Makefile", "run:\n\t" + PRELOADS),
    ("a service", "spam/python/x.service", "[Service]\nEnvironment=" + PRELOADS),
    ("Python that preloads it", "spam/python/run.py", PRELOADS_IN_PYTHON),
    ("Python without suffix", "spam/bin/run", "#!/usr/bin/python3\n" + PRELOADS_IN_PYTHON),
    ("Lua that opens it", "spam/python/run.lua", 'ffi.load("./_core.so", true)'),
    ("a server's settings", "spam/server.conf", "load_module python/_core.so;"),
    ("a line that is preloaded", "spam/ld.so.preload", "/opt/_core.so # first\n"),
    ("settings in YAML", "spam/python/x.yaml", "plugins:\n  - python/_core.so\n"),
    ("settings in JSON", "spam/x.json", '{"library_path":"./_core.so"}'),
    ("settings in TOML", "spam/x.toml", "load = ['python/_core.so'] # it"),
    ("JavaScript", "spam/x.js", "// our host\nrequire('ffi').Library('_core.so')"),
    ("CMake that links it", "spam/CMakeLists.txt", "target_link_libraries(x _core.so)"),
    ("C that opens it", "spam/host.c", 'void f() { dlopen("python/_core.so", 2); }'),
    ("C that preloads it", "spam/run.c", 'setenv("LD_PRELOAD", module, 1);'),
    ("a class of Java", "spam/Run.class", "\udcca\udcfe\udcba\udcbe\0\0python/_core.so\f"),
    ("a document that is a script", "spam/run.md", "#!/bin/sh\n" + PRELOADS),
    ("a command in YAML", "spam/x.yml", "command: nginx -g 'load_module /opt/_core.so;'\n"),
    ("a step after another", "spam/x.yml", "run: strip x && host python/_core.so\n"),
    ("C that has it opened", "spam/run.c", '#define PLUGIN "python/_core.so"'),
    ("Go that links it", "spam/run.go", "// #cgo LDFLAGS: ${SRCDIR}/python/_core.so\n"),
    ("an auditor", "spam/run.sh", "LD_AUDIT=$module exec tool\n"),
    ("Perl that opens any", "spam/run.pl", "DynaLoader::dl_load_file(glob('*/_core*'));"),
    ("Lua that opens any", "spam/run.lua", "package.loadlib(path, 'answer')"),
    ("Ruby that opens any", "spam/bin/run", "#!/usr/bin/ruby\nlib = Fiddle.dlopen path\n"),
    ("JavaScript that opens any", "spam/run.js", "process.dlopen(module, path)"),
    (
        "Tcl that opens any",
        "spam/run.tcl",
        "if {[catch {load [lindex [glob */*.so] 0] Core} e]} {exit 1}",
    ),
    ("Tcl with variables", "spam/bin/run", '#!/usr/bin/tclsh\nload -global "./$lib" Core\n'),
    ("Tcl in a list", "spam/run.tcl", "foreach lib [glob *.so] { load $lib Core }"),
    ("JavaScript by koffi", "spam/run.js", "const lib = koffi.load(process.argv[2])"),
    ("JavaScript by ffi-napi", "spam/run.js", "ffi.Library(path, {Py_InitializeEx: []})"),
    ("JavaScript by parts of koffi", "spam/x.mjs", "import { load } from 'koffi'\n"),
    ("Java that is run as a source", "spam/Run.java", "System.load(path.getAbsolutePath());"),
    (
        "Java without suffix",
        "spam/run",
        "#!/usr/bin/java --source 21\nRuntime.getRuntime().load(a);",
    ),
    ("Java without JNI", "spam/Run.java", "SymbolLookup.libraryLookup(path, arena)"),
    ("Java by JNA", "spam/Run.java", "NativeLibrary.getInstance(path)"),
    (
        "Perl that opens parts",
        "spam/run.pl",
        'my $f = "dl_load" . "_file"; &{"DynaLoader::$f"}($m)',
    ),
    ("Ruby by a handle", "spam/run.rb", "Fiddle::Handle.new(path)"),
    ("Lisp that opens any", "spam/run.lisp", "(cffi:load-foreign-library path)"),
    ("a shell with more options", "spam/run.sh", 'enable -af "$1" core\n'),
    ("a directive", "spam/run.conf", "#load _core.so\n"),
    ("its interpreter", "spam/run", "#!/opt/host _core.so\n"),
    ("Python's code", "spam/run.pyc", "\0\0import os LD_PRELOAD"),
    ("a copy that is run", "spam/run.sh", "cp a.so b && host python/_core.so\n"),
    (
        "a host that needs it from now on",
        "spam/x.sh",
        "patchelf --set-rpath x --add-needed _core.so t",
    ),
    ("a link of another name", "spam/x.sh", "ln -s _core.so libcore.so.1\n"),
    ("a rule that links a host", "spam/Makefile", "host: host.c\n\tcc -o host host.c _core.so\n"),
    ("a prerequisite of a host", "spam/Makefile", "host: host.o python/_core.so\n\t$(LINK) $^\n"),
    ("ninja that links a host", "spam/build.ninja", "build host: LINK host.o | python/_core.so\n"),
    ("ninja's arguments", "spam/build.ninja", "build h: LINK h.o\n LINK_ARGS = python/_core.so\n"),
    ("a rule of make that runs it", "spam/Makefile", "run: all\n\thost python/_core.so\n"),
    ("a variable of make", "spam/Makefile", "PLUGIN := python/_core.so\nrun:\n\thost $(PLUGIN)\n"),
    (
        "an option of make's command",
        "spam/Makefile",
        "run:\n\tssh -o PKCS11Provider=python/_core.so x\n",
    ),
    ("a shell of make", "spam/Makefile", "$(shell host python/_core.so): x\n"),
    ("an image that loads it", "spam/Dockerfile", 'COPY x /\nCMD ["httpd", "-C", "/_core.so"]\n'),
    ("a package that preloads it", "spam/spam.spec", "%check\nLD_PRELOAD=python/_core.so host\n"),
    (
        "a list that is none of conda's",
        "spam/python/info/paths.json",
        '{"paths": ["python/_core.so"]}',
    ),
    ("settings called like conda's list", "spam/python/info/files", "load python/_core.so\n"),
    (
        "settings with more than such a list",
        "spam/python/info/files",
        "a/b\nplugin=python/_core.so\n",
    ),
    (
        "settings in Spack's directory",
        "spam/python/.spack/install_manifest.json",
        '{"load": "_core.so"}',
    ),
    (
        "plug-ins in CMake's directory",
        "spam/python/.cmake/api/v1/reply/x.json",
        '["python/_core.so"]',
    ),
    (
        "an installation by CMake that runs a host",
        "spam/cmake_install.cmake",
        '# Install script for directory: /\nexecute_process(COMMAND "/bin/host" "/x/_core.so")\n',
    ),
    ("CMake's targets", "spam/targets.cmake", 'set(IMPORTED_LOCATION "${_DIR}/_core.so")\n'),
    (
        "a test of Meson",
        "spam/python/meson-info/intro-tests.json",
        '[{"cmd": ["host", "_core.so"]}]',
    ),
    (
        "plug-ins of Meson",
        "spam/python/meson-info/plugins.json",
        '[{"name": "x", "f": "_core.so"}]',
    ),
    ("a bill of plug-ins", "spam/x.cdx.json", '{"bomFormat": "plug-ins", "load": "_core.so"}'),
    ("XML of plug-ins", "spam/bom.xml", '<bom xmlns="http://x"><load>_core.so</load></bom>'),
    (
        "a rule of CMake's that links a host",
        "spam/python/CMakeFiles/host.dir/build.make",
        "host: host.c.o\nhost: python/_core.so\n",
    ),
    ("a test before a host", "spam/x.sh", "test -f python/_core.so && host python/_core.so\n"),
    ("a host called test", "spam/x.sh", "test python/_core.so\n"),
    ("settings behind a byte order mark", "spam/x.conf", "\ufeffmodule=_core.so"),
]
LOADS_NOTHING = [
    ("Python that imports it by its name", "spam/python/core.py", "NAME = '_core.so'\n"),
    ("a list of files", "spam/spam-1.dist-info/RECORD", "spam/python/_core.so,,\n"),
    ("an egg's list of files", "spam.egg-info/SOURCES.txt", "spam/python/_core.so\n"),
    ("a script that names another", "spam/run.sh", "#!/bin/sh\n./my_core.so _core.sock\n"),
    ("a preloading server's settings", "spam/run.sh", "gunicorn --preload spam:app\n"),
    ("data", "spam/python/data.bin", "\0\1_core.so LD_PRELOAD"),
    ("a log", "spam/build.log", PRELOADS),
    ("a change log", "spam/CHANGES", "* `LD_PRELOAD=python/_core.so` is gone\n"),
    ("a list of changes", "spam/CHANGES.txt", "* strip _core.so\n"),
    ("settings of a service", "spam/ci.yml", "  run: strip python/_core.so\n"),
    ("a build file", "spam/CMakeLists.txt", "# makes _core.so\n"),
    ("C that is built to it", "spam/_core.c", "/* -> _core.so */\n"),
    ("a header that tells of it", "spam/x.h", "/* not with LD_PRELOAD=_core.so */\n"),
    ("what git ignores", "spam/.gitattributes", "_core.so binary\n"),
    ("what another ignores", "spam/.dockerignore", "python/_core.so\n"),
    ("a manifest", "spam/manifest.json", '{"files": ["python/_core.so"]}'),
    ("checksums", "spam/SHA256SUMS", "abc  python/_core.so\n"),
    ("a checksum", "spam/python/_core.so.sha256", "abc  _core.so\n"),
    ("a notebook", "spam/x.ipynb", '{"cells": [{"text": ["_core.so"]}]}'),
    ("a comment of a script", "spam/run.sh", "#!/bin/sh\n # runs _core.so\n"),
    ("a step of a service", "spam/x.json", '{"run": "x86_64-linux-gnu-strip -g _core.so"}'),
    ("a rule of make", "spam/Makefile", "strip:\n\t@strip python/_core.so\n"),
    ("a script of autoconf", "spam/configure", "char dlopen ();\n  return dlopen ();\n"),
    ("tunes", "spam/tune.abc", "B: Ryan's Mammoth Collection of Fiddle Tunes\n"),
    ("an option of a browser", "spam/x.d.ts", "similar to --load-extension flags\n"),
    ("what compilers made", "spam/compile_commands.json", '[{"output": "_core.so.p/a.o"}]'),
    ("what conda installed", "spam/conda-meta/spam.json", '{"files": ["_core.so"]}'),
    ("a server's request", "spam/run.js", "data.load($x); koffee.load(y); coffi.loads\n"),
    (
        "a copy",
        "spam/x.sh",
        "#!/bin/sh\ncp build/_core.so python/ && install -m755 _core.so /opt\n",
    ),
    ("a move in a rule", "spam/Makefile", "x:\n\t@mv _core.so python/\n"),
    ("a search path", "spam/x.sh", "patchelf --set-rpath '$ORIGIN' python/_core.so\n"),
    (
        "a target",
        "spam/Makefile",
        "python/_core.so: core.o\n\t$(CC) -shared core.o -o python/_core.so\n",
    ),
    (
        "ninja of Meson",
        "spam/build.ninja",
        """build python/_core.so: c_LINKER python/_core.so.p/a.o
 DEPFILE = python/_core.so.p/a.o.d
build x.p/_core.so.symbols: SHSYM python/_core.so
 IMPLIB = python/_core.so
""",
    ),
    (
        "ninja of CMake",
        "spam/build.ninja",
        "build _core.so: LINKER a.o\n  TARGET_FILE = _core.so\nbuild _core: phony _core.so\n",
    ),
    ("a package's files", "spam/spam.spec", "%files\n%{python3_sitearch}/python/_core.so\n"),
    ("a project's files", "spam/pyproject.toml", "package-data = {spam = ['_core.so']}\n"),
    ("a project's old settings", "spam/setup.cfg", "[options.package_data]\nspam = _core.so\n"),
    ("coverage", "spam/codecov.yml", "ignore:\n  - python/_core.so\n"),
    ("what valgrind passes over", "spam/x.supp", "{\n  x\n  obj:*/_core.so\n}\n"),
    ("an image that has it", "spam/Dockerfile", "FROM scratch\nCOPY python/_core.so /opt/\n"),
    ("a package's needs", "spam/package.json", '{"dependencies": {"koffi": "2"}}'),
    ("a shell's commands", "spam/run.sh", "payload $1; enable -n x; ./load $x; upload $file\n"),
    (
        "conda's list",
        "spam/python/info/paths.json",
        '{\n  "paths": [\n    {\n      "_path": "python/_core.so"\n    }\n  ]\n}',
    ),
    (
        "conda's older list",
        "spam/python/info/files",
        "LICENSE\nspam/a b.py\nspam/python/_core.so\n",
    ),
    ("what conda's recipe tests", "spam/meta.yaml", "test:\n  - test -f $SP_DIR/_core.so\n"),
    (
        "Spack's list",
        "spam/python/.spack/install_manifest.json",
        '{"/opt/spam/_core.so": {"mode": 33261, "owner": 0, "type": "file", "hash": "a"}}',
    ),
    (
        "CMake's answer about a target",
        "spam/python/.cmake/api/v1/reply/target-_core-bbf587f290b38bd324c0.json",
        '{\n\t"artifacts" : \n\t[\n\t\t{\n\t\t\t"path" : "_core.so"\n\t\t}\n\t]\n}',
    ),
    (
        "CMake's installation",
        "spam/cmake_install.cmake",
        """# Install script for directory: /x

  file(INSTALL FILES "/x/_core.so")
      execute_process(COMMAND "/usr/bin/strip" "$ENV{DESTDIR}/_core.so")
""",
    ),
    (
        "what CMake cleans",
        "spam/python/CMakeFiles/_core.dir/cmake_clean.cmake",
        'file(REMOVE_RECURSE\n  "_core.pdb"\n  "_core.so"\n)\n',
    ),
    (
        "CMake's rules for make",
        "spam/python/CMakeFiles/_core.dir/build.make",
        """_core.so: core.c.o
\t@echo "Linking C shared module _core.so"
CMakeFiles/_core.dir/build: _core.so
.PHONY : CMakeFiles/_core.dir/build
""",
    ),
    (
        "what Meson installs",
        "spam/python/meson-info/intro-installed.json",
        '{"/b/_core.so": "/_core.so"}',
    ),
    (
        "Meson's plan",
        "spam/python/meson-info/intro-install_plan.json",
        '{"targets": {"/b/_core.so": {"destination": "{py_platlib}/_core.so"}}}',
    ),
    ("Meson's targets", "spam/python/meson-info/intro-targets.json", '[{"name": "_core.so"}]'),
    ("ninja's log", "spam/.ninja_log", "# ninja log v5\n1\t97\t1796\t_core.so\t368956\n"),
    ("a bill of SPDX", "spam/sbom.json", '{"spdxVersion": "SPDX-2.3", "files": ["_core.so"]}'),
    (
        "a bill of CycloneDX",
        "spam/x.cdx.json",
        '{\n "components": [{"name": "_core.so"}],\n "bomFormat": "CycloneDX"}',
    ),
    (
        "such a bill in XML",
        "spam/bom.xml",
        '<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.4">_core.so</bom>',
    ),
    ("a page about it", "spam/python/README.md", "Debug `_core.so` by " + PRELOADS),
]


@pytest.fixture(scope="module")
def plain_module(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return built(tmp_path_factory.mktemp("module") / "_core.so", MODULE_CODE).read_bytes()


@pytest.mark.parametrize(
    ("place", "text", "safe"),
    [
        pytest.param(place, text, safe, id=what)
        for table, safe in ((OBEYED, False), (LOADS_NOTHING, True))
        for what, place, text in table
    ],
)
def test_a_text_that_something_obeys_makes_a_repair_unsafe(
    tmp_path: Path, plain_module: bytes, place: str, text: str, safe: bool
) -> None:
    contents = {CORE: plain_module, place: text.encode("utf-8", "surrogateescape")}
    wheel = write_wheel(tmp_path / "dist", "ops", contents, tags="cp311-cp311-linux_x86_64")
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for path, kind in ((wheel, Kind.ARCHIVE), (tmp_path / CORE, Kind.BINARY)):
        fix = need_of(path, kind).fix
        assert fix is not None
        assert fix.applicability is (Applicability.SAFE if safe else Applicability.UNSAFE)
    assert bool(repair(str(wheel)).repaired) is safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("#!/bin/sh\n/opt/lib/_core.so", False),
        ("#!/bin/sh\nLD_PRELOAD=/opt/lib/_core.so exec tool", False),
        ("#!/usr/bin/python3\nos.environ['LD_PRELOAD'] = f'{here}/_core.so'", False),
        ("#!/bin/sh\nLD_PRELOAD=libjemalloc.so exec tool", True),
        ("#!/bin/sh\nexec tool", True),
    ],
)
def test_a_script_of_the_prefix_counts_if_it_names_the_module(
    tmp_path: Path, text: str, safe: bool
) -> None:
    path = built(tmp_path / "lib/python3.11/site-packages/spam/_core.so", MODULE_CODE)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/run").write_text(text)
    fix = need_of(path).fix
    assert fix is not None
    assert fix.applicability is (Applicability.SAFE if safe else Applicability.UNSAFE)


@pytest.mark.parametrize(
    ("code", "safe"),
    [
        (LOOKS_UP, False),
        (OPENS.replace("v[1]", '"/opt/lib/_core.so"'), False),
        (OPENS, True),
        (OPENS_IT_ITSELF, True),
        (PLAIN_PROGRAM, True),
    ],
    ids=["looks Python up", "names the module", "opens any", "has a libpython", "plain"],
)
def test_a_program_of_the_prefix_counts_if_it_names_the_module_or_python(
    tmp_path: Path, code: str, safe: bool
) -> None:
    path = built(tmp_path / "lib/python3.11/site-packages/spam/_core.so", MODULE_CODE)
    built_tree(tmp_path, {"bin/tool": (code,)})
    fix = need_of(path).fix
    assert fix is not None
    assert fix.applicability is (Applicability.SAFE if safe else Applicability.UNSAFE)


@pytest.mark.parametrize(("count", "safe"), [(8, True), (9, False)])
def test_no_repair_is_safe_beside_more_programs_than_are_searched(
    tmp_path: Path, count: int, safe: bool
) -> None:
    path = built(tmp_path / "lib/python3.11/site-packages/spam/_core.so", MODULE_CODE)
    for number in range(count):
        program = tmp_path / f"share/tools/tool{number}"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch(mode=0o755)
        os.truncate(program, 15 << 20)
    fix = need_of(path).fix
    assert fix is not None
    assert fix.applicability is (Applicability.SAFE if safe else Applicability.UNSAFE)
    assert ("has too many files to be searched" in " ".join(fix.caveats)) is not safe


@pytest.mark.parametrize("place", ["spam/bin/server", "spam/libplugins.so"])
@pytest.mark.parametrize(
    ("code", "safe"),
    [
        (LOOKS_UP, False),
        (OPENS_IT_ITSELF, True),
        (NAME.format("Py_Initialize() failed") + PLAIN_PROGRAM, True),
    ],
)
def test_what_looks_python_up_in_a_wheel_keeps_its_modules(
    tmp_path: Path, code: str, safe: bool, place: str
) -> None:
    code = code if "bin" in place else code.replace("main", "open_plugin")
    tree = {CORE: (MODULE_CODE, RUNTIME), place: (code,)}
    built_tree(tmp_path, tree)
    wheel = wheel_of(tmp_path, {name: tmp_path / name for name in tree})
    need, done = need_of(wheel, Kind.ARCHIVE), repair(str(wheel), unsafe=True)
    reason = f"`{place}` looks up `Py_Initialize`, and may find it through this module"
    assert (need.no_fix_reason, done.repaired) == (("", (CORE,)) if safe else (reason, ()))


# Modules in a prefix: what their package has installed elsewhere, and what others have

SITE = "lib/python3.11/site-packages"
INSTALLED = f"{SITE}/spam/_core.so"
NAMES_IN_LIBRARY = OPENS.replace("v[1]", f'"/opt/{INSTALLED}"').replace("main", "plug")
PROGRAMS = {
    "opens": OPENS,
    "names": OPENS.replace("v[1]", f'"/opt/{INSTALLED}"'),
    "opens its directory": OPENS.replace("v[1]", '"/usr/lib/Spam/plugins"'),
    "names another": OPENS.replace("v[1]", '"/opt/my_core.so"'),
    "looks up": LOOKS_UP,
    "has libpython": OPENS_IT_ITSELF.replace(
        "libpython3.11.so.1.0", "libpython3.11.so.1.0\\0_core.so"
    ),
    "plain": PLAIN_PROGRAM,
    "a library that names": NAMES_IN_LIBRARY,
    "a library that names by GModule": NAMES_IN_LIBRARY.replace("dlopen(", "g_module_open("),
    "a library that names another": NAMES_IN_LIBRARY.replace("_core.so", "my_core.so"),
    "a library that opens": OPENS.replace("main", "plug"),
    "a library with its name": NAME.format("_core.so"),
    "a library with libpython": NAMES_IN_LIBRARY.replace("_core.so", "_core.so\\0libpython3.11.so"),
}
PLUG_INS = {
    "a plug-in": (CALL.format("Py_InitializeEx"), RUNTIME),
    "a plug-in that only asks": (CALL.format("Py_IsInitialized"), RUNTIME),
    "a plug-in that names": (CALL.format("Py_InitializeEx") + NAME.format("import spam"), RUNTIME),
}
OTHER_MACHINE = "a plug-in for another machine"
#: What lies around the module: programs of the tables above, or texts.
RECORD_ROWS = f"{SITE}/spam-1.dist-info/RECORD", "spam/_core.so,,\n../../../{},sha256=x,1\n"
OLD_LIST = f"{SITE}/spam-1.egg-info/installed-files.txt"
CONDA = "conda-meta/spam-1-0.json", '{{"files": ["' + INSTALLED + '", "{}"]}}'
DPKG = "var/lib/dpkg/info/python3-spam.list"
MANY = {f"bin/tool{number:03}": "#!/bin/sh\n" for number in range(300)}
INSTALLED_HOSTS: dict[str, dict[str, str]] = {
    "RECORD": {"bin/host": "opens", RECORD_ROWS[0]: RECORD_ROWS[1].format("bin/host")},
    "RECORD, a full bin": {
        **MANY,
        "bin/host": "opens",
        RECORD_ROWS[0]: RECORD_ROWS[1].format("bin/host").replace("\n", "\r\n"),
    },
    "RECORD, a start": {
        **MANY,
        "bin/host": "looks up",
        RECORD_ROWS[0]: './spam/_core.so,,\n"../../../bin/host",,\n',
    },
    "RECORD, data": {
        "etc/x/run.sh": PRELOADS,
        RECORD_ROWS[0]: RECORD_ROWS[1].format("etc/x/run.sh"),
    },
    "RECORD, another package": {
        f"{SITE}/eggs/host": "opens",
        RECORD_ROWS[0]: RECORD_ROWS[1].format(f"{SITE}/eggs/host"),
    },
    "RECORD, a longer path than need be": {
        "lib/x/host": "opens",
        RECORD_ROWS[0]: RECORD_ROWS[1].format("../prefix/lib/x/host"),
    },
    "RECORD, paths that are absolute": {
        "lib/x/host": "opens",
        RECORD_ROWS[0]: f"PREFIX/{INSTALLED},,\nPREFIX/lib/x/host,,\n",
    },
    "RECORD, lines that end in CR": {
        "lib/x/host": "opens",
        RECORD_ROWS[0]: RECORD_ROWS[1].format("lib/x/host").replace("\n", "\r"),
    },
    "RECORD, too large": {RECORD_ROWS[0]: "\n" * (16 << 20) + "x"},
    "older versions of pip": {
        "lib/x/host": "opens",
        OLD_LIST: "../spam/_core.so\n../../../../lib/x/host\n",
    },
    "older versions of pip, a start": {
        "lib/x/host": "looks up",
        OLD_LIST: "PKG-INFO\r\n../../../../lib/x/host\r\n./../spam/_core.so\r\n",
    },
    "older versions of pip, too large": {OLD_LIST: "\n" * (16 << 20) + "x"},
    "conda": {"bin/host": "opens", CONDA[0]: CONDA[1].format("bin/host")},
    "conda, a private directory": {
        "opt/host/host": "opens",
        CONDA[0]: CONDA[1].format("opt/host/host"),
    },
    "conda, a list that was cut off": {CONDA[0]: '{"files": ["bin/host", "lib/py'},
    "conda, an empty list": {CONDA[0]: ""},
    "conda, a list that was cut off behind an entry": {CONDA[0]: '{"paths_data": {"paths": [{}'},
    "conda, a comma too many": {CONDA[0]: CONDA[1].format("bin/host").replace("]", ",]")},
    "conda, two lists in one": {CONDA[0]: CONDA[1].format("bin/host") * 2},
    "conda, a list that is nothing": {CONDA[0]: '{"files": null}'},
    "conda, null": {CONDA[0]: "null"},
    "conda, a list of another form": {CONDA[0]: '{"files": 3, "_core.so": []}'},
    "conda, bytes that are no text": {CONDA[0]: CONDA[1].format("bin/h\udcff")},
    "conda, a list of another package that is none": {"conda-meta/eggs-1-0.json": '{"a": {}'},
    "conda, a list that leads nowhere": {CONDA[0]: "-> gone.json"},
    "conda, an older list": {
        "opt/host/host": "opens",
        CONDA[0]: '{"paths_data": {"paths": [{"_path": "opt/host/host"}, {"_path": "'
        + INSTALLED
        + '"}, 3, {}]}}',
    },
    "RECORD with a byte-order mark": {
        "lib/x/host": "opens",
        RECORD_ROWS[0]: "\ufeff" + RECORD_ROWS[1].format("lib/x/host"),
    },
    "settings": {"etc/spam.conf": "[x]\nplugin = lib/_core.so\n"},
    "settings that are named like a library": {"etc/ld.so.preload": "/opt/lib/_core.so\n"},
    "settings of a service": {
        "etc/systemd/system/x.service": f"[Service]\nExecStart=h {INSTALLED}"
    },
    "a service": {"lib/systemd/system/x.service": f"[Service]\nExecStart=h {INSTALLED}\n"},
    "a script that is not executable": {"share/app/start.sh": f"exec host /opt/{INSTALLED}\n"},
    "a module of Perl": {"lib/perl5/Host.pm": "DynaLoader::dl_load_file('x/_core.so');\n"},
    "settings of nginx": {"share/eggs/x.conf": "load_module modules/_core.so;\n"},
    "an application": {"share/applications/x.desktop": f"Exec=h /opt/{INSTALLED}\n"},
    "a rule": {"lib/udev/rules.d/1.rules": f'RUN+="/bin/h /opt/{INSTALLED}"\n'},
    "a socket": {"lib/systemd/system/x.socket": f"ExecStartPre=h /opt/{INSTALLED}\n"},
    "a list of plug-ins": {"lib/eggs/plugins.json": '{"library": "x/_core.so"}'},
    "a list of plug-ins in YAML": {"share/eggs/plugin.yaml": "library: x/_core.so\n"},
    "a list of plug-ins in XML": {"share/eggs/config.xml": "<load>x/_core.so</load>"},
    "a layer of Vulkan": {"share/vulkan/l.json": '{"library_path": "_core.so"}'},
    "a script of R": {"share/eggs/a.R": "dyn.load('x/_core.so')\n"},
    "a script of Emacs": {"share/eggs/a.el": '(module-load "x/_core.so")\n'},
    "a script of Node": {"lib/node/a.js": "process.dlopen(m, 'x/_core.so')\n"},
    "settings behind a link": {
        "share/conf/data": "plugin = lib/_core.so\n",
        "etc/spam.conf": "-> ../share/conf/data",
    },
    "a package beside that has its name, private": {f"{SITE}/_spam/host": "opens"},
    "a package beside that has its name, of Python": {f"{SITE}/pyspam/host": "opens"},
    "a package beside that has its name, in capitals": {f"{SITE}/Spam/a/host": "looks up"},
    "a package beside that has its name, and a daemon": {f"{SITE}/spamd/host": "opens"},
    "a daemon": {**MANY, "sbin/spamd": "opens"},
    "a daemon's directory": {"libexec/spamd-1/host": "opens"},
    "an optional package": {"opt/spam/bin/host": "opens"},
    "a package beside that has its name": {f"{SITE}/spam_tools/host": "opens"},
    "a private directory": {"lib/spam/host": "opens"},
    "a private directory, deep": {"libexec/spam/a/b/host": "opens"},
    "a private directory of a version": {"lib/spam-1.0/host": "opens"},
    "a private directory of a version's number": {"share/spam3/host": "opens"},
    "a private directory as Debian's": {"lib/python3-spam/host": "opens"},
    "a private directory of libraries": {"lib/x86_64-linux-gnu/Spam/host": "looks up"},
    "a private script": {"share/spam/run.sh": PRELOADS},
    "a private directory of the module": {"lib/core/host": "opens"},
    "a program of its name": {**MANY, "bin/spam-host": "opens"},
    "another program that names it": {**MANY, "bin/host": "names"},
    "a program of another package": {f"{SITE}/eggs/bin/host": "names"},
    "a script of another package": {f"{SITE}/eggs/run": f"#!/bin/sh\nexec x /opt/{INSTALLED}\n"},
    "a program of another package that looks Python up": {f"{SITE}/eggs/host": "looks up"},
    "a program of another private directory": {"libexec/eggs/host": "names"},
    "a program deep in the prefix": {"opt/eggs/a/b/c/host": "names"},
    "a program beside the prefix": {"../bin/host": "names"},
    "a program above the prefix": {"../host": "names"},
    "a program above the prefix that looks Python up": {"../host": "looks up"},
    "a program far above the prefix": {"../../../../AppRun": "names"},
    "a program of a directory far above the prefix": {"../../../../bin/host": "names"},
    "a script above the prefix that opens it": {
        "../run": "#!/usr/bin/perl\nDynaLoader::dl_load_file('lib/_core.so')\n"
    },
    "a plug-in": {"lib/kodi/plug.so": "a library that names"},
    "a library of the prefix": {"lib/libplug.so.1": "a library that names by GModule"},
    "a library of another package": {f"{SITE}/eggs/plug.so": "a library that names"},
    "a plug-in that starts Python, of any name": {f"{SITE}/spam/a/host.node": "a plug-in"},
    "a plug-in that starts Python, in a private directory": {"libexec/spam/host": "a plug-in"},
    "a plug-in that starts Python, in another package": {f"{SITE}/eggs/a/b.so": "a plug-in"},
    "a plug-in that starts Python, of any name in another package": {
        f"{SITE}/eggs/a/host.node": "a plug-in"
    },
    "a plug-in that starts Python, in the prefix": {"lib/eggs/a/plug.so.1": "a plug-in"},
    "a plug-in that starts Python, RECORD": {
        "lib/x/plug.xpl": "a plug-in",
        RECORD_ROWS[0]: RECORD_ROWS[1].format("lib/x/plug.xpl"),
    },
    "a library of any name": {"lib/kodi/plug.node": "a library that names"},
    "a library, RECORD": {
        "lib/x/plug.so": "a library that names",
        RECORD_ROWS[0]: RECORD_ROWS[1].format("lib/x/plug.so"),
    },
}
INSTALLED_MODULES: dict[str, dict[str, str]] = {
    "a program of others": {**MANY, "bin/host": "opens"},
    "another's RECORD": {
        **MANY,
        "bin/host": "opens",
        f"{SITE}/eggs-1.dist-info/RECORD": "eggs/_core.so,,\n../../../bin/host,,\n",
    },
    "another's list of conda": {
        "opt/host/host": "opens",
        "conda-meta/eggs.json": '{"files": ["lib/_core.so", "opt/host/host"]}',
    },
    "another's absolute path": {
        "lib/x/host": "opens",
        RECORD_ROWS[0]: "/spam/_core.so,,\n../spam/_core.so,,\nPREFIX/lib/x/host,,\n",
    },
    "another's list of older versions of pip": {
        "lib/x/host": "opens",
        OLD_LIST: "spam/_core.so\n../../spam/_core.so\n../../../../lib/x/host\n",
    },
    "older versions of pip, a path that leads out": {
        "../host": "opens",
        OLD_LIST: "../spam/_core.so\n../../../../../host\n/etc/passwd\n\0\n",
    },
    "a row that leads out": {
        "../host": "opens",
        RECORD_ROWS[0]: RECORD_ROWS[1].format("../host") + "/etc/passwd,,\n../../../../../../x,,\n",
    },
    "a list that leads out": {"../host": "opens", CONDA[0]: CONDA[1].format("../host")},
    "a program far beside the prefix": {"../eggs/bin/host": "names"},
    "a program further above": {"../../../../../host": "names"},
    "a program above that names another": {"../host": "names another"},
    "a program above that opens what it is told": {"../host": "opens"},
    "a program above with its own libpython": {"../host": "has libpython"},
    "a script above that names it": {"../build": "#!/bin/sh\nmake lib/_core.so\n"},
    "a library above": {"../plug.so": "a library that names"},
    "a plug-in that names another": {"lib/kodi/plug.so": "a library that names another"},
    "a plug-in that opens what it is told": {"lib/kodi/plug.so": "a library that opens"},
    "a library that opens nothing": {"lib/libplug.so.1": "a library with its name"},
    "a library with its own libpython": {"lib/libplug.so.1": "a library with libpython"},
    "very many files that are no hosts": {
        f"{SITE}/spam/__init__.py": "",
        RECORD_ROWS[0]: "spam/_core.so,,\n" + "".join(f"spam/a/{n}.py,,\n" for n in range(5000)),
        f"{SITE}/spam/a/dlfcn.pxd": "cdef extern void *dlopen(const char *, int)",
    },
    "rows that are none": {RECORD_ROWS[0]: "spam/_core.so,,\n" + '"' * 99 + "\n,,\n\0\n.,,\n"},
    "paths that no file has": {CONDA[0]: CONDA[1].format('\\ud800", "a\\u0000", "bin/\\ud800')},
    "a list without files": {CONDA[0]: '{"files": [], "paths_data": {"paths": []}}'},
    "a list of conda that is an alias": {
        "conda-meta/eggs.txt": CONDA[1].format("a"),
        CONDA[0]: "-> eggs.txt",
    },
    "plain programs": {
        "bin/host": "plain",
        "bin/py": "#!/usr/bin/python3\nimport spam\n",
        "share/spam/data.txt": "_core.so",
        RECORD_ROWS[0]: RECORD_ROWS[1].format("bin/host")
        + "../../../bin/py,,\n../../../share/spam/data.txt,,\n",
    },
    "a private directory of others": {"lib/eggs/host": "opens"},
    "a private directory of a longer name": {"libexec/spammer/host": "opens"},
    "the standard library": {"lib/python3.11/host": "opens"},
    "a private directory with its own libpython": {"lib/spam/host": "has libpython"},
    "a program that names another": {"opt/eggs/host": "names another"},
    "a program with its own libpython": {"opt/eggs/host": "has libpython"},
    "data that name it": {"share/eggs/list": "_core.so"},
    "a document of the package": {"share/doc/spam/README.md": PRELOADS},
    "settings that name another": {"etc/spam.conf": "plugin = my_core.so\n"},
    "a comment in settings": {"etc/spam.conf": "# plugin = _core.so\n"},
    "data in settings": {"etc/spam.bin": "\0\1_core.so"},
    "a script that strips it": {"share/app/build.sh": "strip lib/_core.so\n"},
    "settings above the prefix": {"../etc/x.conf": "plugin = _core.so\n"},
    "a large table": {"share/eggs/a.json": '{"library": "x/_core.so"}' + " " * (1 << 16)},
    "a table that names another": {"share/eggs/a.json": '{"library": "x/my_core.so"}'},
    "a table above the prefix": {"../a.json": '{"library": "x/_core.so"}'},
    "a list of a package's files": {"share/eggs/MANIFEST.json": '["x/_core.so"]'},
    "a link that leads nowhere": {"etc/spam.conf": "-> ../share/gone"},
    "a link to itself": {"etc/spam.conf": "-> spam.conf"},
    "a link to a directory": {"share/a/x.data": "_core.so", "etc/a": "-> ../share/a"},
    "a link to a program that opens": {
        "bin/host": "opens",
        "etc/alternatives/h": "-> ../../bin/host",
    },
    "a link elsewhere": {"share/data": "_core.so", "share/eggs/x.conf": "-> ../data"},
    "a package beside of its name, of Python alone": {
        f"{SITE}/pyspam/__init__.py": "",
        f"{SITE}/_spam/a": "plain",
    },
    "a package beside whose name begins so": {f"{SITE}/spamdal/host": "opens"},
    "a daemon of others": {**MANY, "sbin/eggsd": "opens"},
    "a daemon of a longer name": {**MANY, "sbin/spamdyke": "opens"},
    "an optional package of others": {"opt/eggs/host": "opens"},
    "a package beside of another name": {f"{SITE}/spammer/host": "opens"},
    "a package beside that has its name, in Python": {
        f"{SITE}/spam_tools/a.py": "open('_core.so')",
        f"{SITE}/spam_tools/host": "plain",
    },
    "an empty list of others": {"conda-meta/eggs-1-0.json": "{}"},
    "a plug-in of another package": {
        f"{SITE}/eggs/plug.so": "a plug-in",
        f"{SITE}/eggs-1.dist-info/RECORD": "eggs/plug.so,,\n",
    },
    "a plug-in of another package, of any name": {
        f"{SITE}/eggs/plug.node": "a plug-in",
        f"{SITE}/eggs-1.dist-info/RECORD": "eggs/plug.node,,\n",
    },
    "a plug-in of another package of conda": {
        "lib/eggs/plug.so": "a plug-in",
        "conda-meta/eggs-1-0.json": '{"files": ["lib/eggs/plug.so"]}',
    },
    "plug-ins that start nothing": {
        f"{SITE}/spam/host.node": "a plug-in that only asks",
        "lib/eggs/host.xpl": "a plug-in that only asks",
    },
    "a plug-in beside the prefix": {"../plug.so": "a plug-in"},
    "a plug-in for another machine": {f"{SITE}/spam/host.so": OTHER_MACHINE},
}


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("programs")
    tree = {**{name: (code,) for name, code in PROGRAMS.items()}, **PLUG_INS}
    built_tree(root, tree)
    built = {name: (root / name).read_bytes() for name in tree}
    machine = slice(18, 20)  # `e_machine`
    other = bytearray(built["a plug-in"])
    other[machine] = (183).to_bytes(2, "little")  # AArch64
    return {**built, OTHER_MACHINE: bytes(other)}


@pytest.mark.parametrize(
    ("around", "safe"),
    [
        pytest.param(around, safe, id=what)
        for table, safe in ((INSTALLED_HOSTS, False), (INSTALLED_MODULES, True))
        for what, around in table.items()
    ],
)
def test_a_module_in_a_prefix_is_repaired_unless_a_host_is_there(
    tmp_path: Path,
    plain_module: bytes,
    programs: dict[str, bytes],
    around: dict[str, str],
    safe: bool,
) -> None:
    prefix = tmp_path / "prefix"
    texts = {name: text.replace("PREFIX", str(prefix)) for name, text in around.items()}
    links = {name: text[3:] for name, text in texts.items() if text.startswith("-> ")}
    files = {
        name: programs.get(text, text.encode("utf-8", "surrogateescape"))
        for name, text in texts.items()
        if name not in links
    }
    for name, content in {
        **files,
        INSTALLED: plain_module,
        f"{SITE}/spam/__init__.py": b"",
    }.items():
        path = prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        is_program = content in programs.values() and not name.endswith((".node", ".xpl"))
        if is_program or content.startswith(b"#!"):
            path.chmod(0o755)
    for name, target in links.items():
        (prefix / name).parent.mkdir(parents=True, exist_ok=True)
        (prefix / name).symlink_to(target)
    fix = need_of(prefix / INSTALLED).fix
    assert (fix is not None and fix.applicability is Applicability.SAFE) is safe


APPLICATION = "app/python/lib/python3.11/site-packages/spam/_core.so"
PRIVATE = "usr/lib/x86_64-linux-gnu/spam/plugins/python/_core.so"
DEEP = "opt/app/lib/a/b/c/d/_core.so"
OF_SYSTEM = "usr/lib/spam/python/_core.so"


@pytest.mark.parametrize(
    ("module", "place", "code", "safe"),
    [
        (APPLICATION, "app/MyApp", "names", False),
        (APPLICATION, "app/tools/x/y/host", "names", False),
        (APPLICATION, "tools/host", "looks up", False),
        (APPLICATION, "tools/plug.so", "a library that names", False),
        (APPLICATION, "tools/host", "opens", True),
        (APPLICATION, "tools/host", "names another", True),
        (APPLICATION, "tools/host", "has libpython", True),
        (APPLICATION, "tools/build.sh", "#!/bin/sh\nmake app/_core.so\n", True),
        (APPLICATION, "../host", "names", False),
        (PRIVATE, "usr/bin/spam", "opens", False),
        (PRIVATE, "usr/libexec/spam/host", "opens", False),
        (PRIVATE, "usr/share/spam-2/host", "opens", False),
        (PRIVATE, "usr/libexec/eggs/host", "names", False),
        (PRIVATE, "opt/eggs/host", "names", False),
        (PRIVATE, "usr/bin/eggs", "opens", True),
        (PRIVATE, "usr/lib/x86_64-linux-gnu/plugins/host", "opens", True),
        (PRIVATE, "usr/lib/python3/host", "opens", True),
        (DEEP, "opt/app/MyApp", "names", False),
        (DEEP, "opt/app/bin/x/host", "names", False),
        (DEEP, "opt/app/MyApp", "opens", True),
        (OF_SYSTEM, "usr/sbin/eggs", "opens", True),
        (OF_SYSTEM, "sbin/eggs", "opens", True),
        (OF_SYSTEM, "usr/libexec/eggs", "#!/usr/bin/perl\nDynaLoader::dl_load_file($x)\n", True),
        (OF_SYSTEM, "usr/libexec/eggs", "#!/usr/bin/perl\nDynaLoader::dl_load_file(SPAM)\n", False),
        (OF_SYSTEM, "usr/sbin/eggs", "opens its directory", False),
        (OF_SYSTEM, "sbin/eggs", "opens its directory", False),
        (OF_SYSTEM, "usr/sbin/eggs", "looks up", False),
        (OF_SYSTEM, "usr/sbin/eggs", "names", False),
        (OF_SYSTEM, "usr/sbin/spamd", "opens", False),
        (OF_SYSTEM, "usr/sbin/spam-server", "opens", False),
        (OF_SYSTEM, "usr/sbin/run", "#!/bin/sh\nLD_PRELOAD=$1 exec eggs\n", False),
        (OF_SYSTEM, "usr/lib/spam/bin/eggs", "opens", False),
        (OF_SYSTEM, "usr/lib/spam/eggs", "opens", False),
        (OF_SYSTEM, "opt/spam/eggs", "opens", False),
        (OF_SYSTEM, "sbin/spam", "opens", False),
        ("usr/lib/_core.so", "usr/sbin/eggs", "opens", False),
        (OF_SYSTEM, "usr/lib/libplug.so", "a plug-in", True),
        (OF_SYSTEM, "usr/lib/eggs/plug.node", "a plug-in", True),
        (OF_SYSTEM, "usr/lib/libplug.so", "a plug-in that names", False),
        (OF_SYSTEM, "usr/lib/eggs/plug.node", "a plug-in that names", False),
        (OF_SYSTEM, "usr/lib/spam/a/libplug.so", "a plug-in", False),
        (OF_SYSTEM, "usr/lib/x86_64-linux-gnu/libspam.so.1", "a plug-in", False),
        (f"usr/{INSTALLED}", "usr/lib/gtk/libplug.so", "a plug-in", True),
        (f"usr/{INSTALLED}", "usr/lib/gtk/libspam.so", "a plug-in", False),
        (f"usr/{INSTALLED}", "opt/x/libplug.so", "a plug-in that names", False),
        (DEEP, "plugins/x/plug.node", "a plug-in", False),
        ("app/python/_core.so", "app/eggs/plug.vst3/Contents/a/plug.vst3", "a plug-in", False),
        ("app/python/_core.so", "plugins/deep/er/than/that/libhost.so", "a plug-in", False),
        (APPLICATION, "app/plugins/plug.node", "a plug-in", False),
        (f"opt/{INSTALLED}", "etc/x.conf", "plugin = lib/_core.so\n", False),
        (f"opt/{INSTALLED}", "etc/x.conf", "plugin = lib/my_core.so\n", True),
        (f"opt/{INSTALLED}", "x.conf", "plugin = lib/_core.so\n", True),
        (f"usr/local/{INSTALLED}", "etc/x/y.conf", "plugin = lib/_core.so\n", False),
    ],
)
def test_a_program_in_the_given_directory_counts_if_it_names_the_module(
    tmp_path: Path,
    plain_module: bytes,
    programs: dict[str, bytes],
    module: str,
    place: str,
    code: str,
    safe: bool,
) -> None:
    root = tmp_path / "root"
    files = {module: plain_module, place: programs.get(code, code.encode())}
    files |= {f"usr/{name}": text.encode() for name, text in MANY.items()}
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755)
    main(["fix", "--isolated", "--quiet", "--no-respect-gitignore", str(root)])
    assert ((root / module).read_bytes() != plain_module) is safe


@pytest.mark.parametrize(
    ("lists", "safe"),
    [
        ({"eggs-1.dist-info/RECORD": "eggs/plug.node,,\n"}, True),
        ({"eggs-1.egg-info/installed-files.txt": "../eggs/plug.node\n"}, True),
        ({"spam-1.dist-info/RECORD": "spam/_core.so,,\neggs/plug.node,,\n"}, False),
        ({"spam-1.dist-info/RECORD": "spam/_core.so,,\n"}, False),
        ({}, False),
    ],
)
def test_a_plug_in_of_another_package_in_a_given_directory_is_passed_over(
    tmp_path: Path,
    plain_module: bytes,
    programs: dict[str, bytes],
    lists: dict[str, str],
    safe: bool,
) -> None:
    """Such a directory is made by ``pip install --target``, or by unpacking a wheel."""
    files = {"spam/_core.so": plain_module, "eggs/plug.node": programs["a plug-in"]}
    files |= {name: text.encode() for name, text in lists.items()}
    for name, content in files.items():
        (tmp_path / "layer" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "layer" / name).write_bytes(content)
    main(["fix", "--isolated", "--quiet", str(tmp_path / "layer")])
    assert ((tmp_path / "layer/spam/_core.so").read_bytes() != plain_module) is safe


IN_NAMESPACE = (*("unshare", "-rm", "sh", "-c"), 'mount --bind "$0" /etc && exec "$@"')


@pytest.mark.parametrize(
    ("text", "safe"), [("plugin = x/_core.so\n", False), ("plugin = x/my_core.so\n", True)]
)
def test_the_settings_of_the_system_count(
    tmp_path: Path, plain_module: bytes, text: str, safe: bool
) -> None:
    """The system is this machine's, or the one with the given root."""
    root = tmp_path / "root"
    (root / "etc/x").mkdir(parents=True)
    (root / "etc/x/spam.conf").write_text(text)
    path = root / f"opt/env/{INSTALLED}"
    path.parent.mkdir(parents=True)
    command = ["fix", "--isolated", "--quiet", "--no-respect-gitignore", str(root / "opt")]
    path.write_bytes(plain_module)
    main([*command, "--root", str(root)])
    assert (path.read_bytes() != plain_module) is safe
    path.write_bytes(plain_module)
    within = [*IN_NAMESPACE, str(root / "etc")]
    if not subprocess.run([*within, "true"], capture_output=True, check=False).returncode:
        subprocess.run(
            [*within, sys.executable, "-m", "no_libpython_dlopen", *command], check=False
        )
        assert (path.read_bytes() != plain_module) is safe


@pytest.mark.parametrize(
    ("place", "code", "safe"),
    [
        ("usr/bin/host", "opens", False),
        ("opt/eggs/host", "looks up", False),
        ("sbin/host", "names", False),
        ("usr/bin/host", "plain", True),
    ],
)
def test_what_dpkg_installed_with_a_module_is_asked(
    tmp_path: Path,
    plain_module: bytes,
    programs: dict[str, bytes],
    place: str,
    code: str,
    safe: bool,
) -> None:
    module = "usr/lib/python3/dist-packages/spam/_core.so"
    files = {
        module: plain_module,
        place: programs[code],
        DPKG: f"/.\n/usr\n/{module}\n/{place}\n".encode() * (place[0] != "s"),
    }
    files |= {f"usr/{name}": text.encode() for name, text in MANY.items()}
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / place).chmod(0o755)
    fix = need_of(tmp_path / module).fix
    assert (fix is not None and fix.applicability is Applicability.SAFE) is safe


@pytest.mark.parametrize(
    ("module", "tool"),
    [
        (f"lib/{INSTALLED}", "lib/lib/spam/tool"),
        (f"opt/{INSTALLED}", "opt/opt/eggs/tool"),
        ("usr/lib/eggs/python/3/_core.so", "usr/lib/eggs/lib/tool"),
    ],
)
def test_a_program_of_a_prefix_that_is_linked_to_the_module_is_seen(
    tmp_path: Path, module: str, tool: str
) -> None:
    built_tree(tmp_path, {module: (MODULE_CODE, RUNTIME), tool: (USES_CORE, module)})
    fix = need_of(tmp_path / module).fix
    assert fix is None or fix.applicability is Applicability.UNSAFE
