"""Loaders and names of libraries that are asked for in roundabout ways, found and silent."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api

LIB = '"libpython3.11.so"'
FIND = '["find", "/usr", "-name", "{}"]'

FOUND = {
    "globals": f'from ctypes import PyDLL\nlib = globals()["PyDLL"]({LIB})',
    "globals, get": f'from ctypes import PyDLL\nlib = globals().get("PyDLL")({LIB})',
    "a module of globals": f'import ctypes\nlib = globals()["ctypes"].PyDLL({LIB})',
    "a name of globals": f'import ctypes\nNAME = {LIB}\nlib = ctypes.CDLL(globals()["NAME"])',
    "vars": f'import ctypes\nlib = vars(ctypes)["CDLL"]({LIB})',
    "a dotted attrgetter": f'import ctypes, operator\nlib = operator.attrgetter("cdll.LoadLibrary")(ctypes)({LIB})',
    "__call__": f"import ctypes\nlib = ctypes.CDLL.__call__({LIB})",
    "type's __call__": f"import ctypes\nlib = type.__call__(ctypes.CDLL, {LIB})",
    "splitext": 'import ctypes, os\nlib = ctypes.CDLL(os.path.splitext("libpython3.11.a")[0] + ".so")',
    "splitext, unpacked": 'import ctypes, os\nbase, _ = os.path.splitext("/lib/libpython3.11.a")\nlib = ctypes.CDLL(base + ".so")',
    "a stem": 'import ctypes, pathlib\npath = pathlib.Path("/lib/libpython3.11.a")\nlib = ctypes.CDLL(str(path.parent / (path.stem + ".so")))',
    "sysconfig's makefile": 'import ctypes, sysconfig\nv = sysconfig._parse_makefile(sysconfig.get_makefile_filename())\nlib = ctypes.CDLL(v["LDLIBRARY"])',
    "distutils' makefile": 'import ctypes\nfrom distutils.sysconfig import *\nfrom distutils import sysconfig\nlib = ctypes.CDLL(sysconfig.parse_makefile(sysconfig.get_makefile_filename())["INSTSONAME"])',
    "setuptools' makefile": 'import ctypes\nfrom setuptools._distutils import sysconfig\nlib = ctypes.CDLL(sysconfig.parse_makefile("Makefile").get("INSTSONAME"))',
    "build_time_vars": 'import ctypes\nfrom _sysconfigdata__linux_x86_64_linux_gnu import build_time_vars\nlib = ctypes.CDLL(build_time_vars["LDLIBRARY"])',
    "build_time_vars, get": 'import ctypes\nfrom _sysconfigdata import build_time_vars as v\nlib = ctypes.CDLL(v.get("LDLIBRARY"))',
    "find": f'import ctypes, subprocess\nout = subprocess.check_output({FIND.format("libpython3.*.so*")}, text=True)\nlib = ctypes.CDLL(out.splitlines()[0])',
    "find, in a loop": f'import ctypes, subprocess\nfor line in subprocess.check_output({FIND.format("libpython3.*.so")}).decode().split("\\n"):\n    lib = ctypes.CDLL(line.strip())',
    "find, run": f'import ctypes, subprocess\nout = subprocess.run({FIND.format("libpython3.11.so")}, capture_output=True).stdout\nlib = ctypes.CDLL(out.decode().strip())',
    "find, by path": 'import ctypes, subprocess\nout = subprocess.getoutput("find / -path \'*/lib/libpython3.11.so\' 2>/dev/null | head -n1")\nlib = ctypes.CDLL(out)',
    "find, by a shell": 'import ctypes, subprocess\nout = subprocess.check_output(["sh", "-c", "find / -name libpython3.11.so"], text=True)\nlib = ctypes.CDLL(out.strip())',
    "ls": 'import ctypes, subprocess\nout = subprocess.check_output("ls /usr/lib/libpython3.*.so", shell=True, text=True)\nlib = ctypes.CDLL(out.split()[0])',
    "ls, popen": 'import ctypes, os\nlib = ctypes.CDLL(os.popen("ls -1 /lib/libpython3.*.so | sort | tail -1").read().strip())',
    "ldconfig and grep": "import ctypes, subprocess\nout = subprocess.getoutput(\"ldconfig -p | grep libpython3.11.so | awk '{print $NF}'\")\nlib = ctypes.CDLL(out)",
    "locals": f'import ctypes\ndef f():\n    name = {LIB}\n    return ctypes.CDLL(locals()["name"])\nlib = f()',
    "vars of nothing": f'import ctypes\nname = {LIB}\nlib = ctypes.CDLL(vars()["name"])',
    "vars of nothing, in a function": f'import ctypes\ndef f():\n    name = {LIB}\n    return ctypes.CDLL(vars().get("name"))\nlib = f()',
    "a template over locals": 'import ctypes\ndef f():\n    name, ver = "python", "3.11"\n    return ctypes.CDLL("lib%(name)s%(ver)s.so" % locals())\nlib = f()',
    "a call over locals": 'import ctypes\ndef f(name="python", ver="3.11"):\n    return ctypes.CDLL("lib{name}{ver}.so".format(**locals()))\nlib = f()',
    "type of self": f'import ctypes\nclass A:\n    NAME = {LIB}\n    def f(self):\n        self.lib = ctypes.CDLL(type(self).NAME)\nA().f()',
    "class of self": f'import ctypes\nclass A:\n    NAME = {LIB}\n    def f(self):\n        self.lib = ctypes.CDLL(self.__class__.NAME)\nA().f()',
    "three pieces": 'import ctypes\nlib = ctypes.CDLL("lib" + "py" + "tho" + "n3.11.so")',
    "three pieces side by side": 'import ctypes\nlib = ctypes.CDLL("libp" "yth" "on3.11.so")',
    "a letter each": 'import ctypes\nlib = ctypes.CDLL("lib" + "p" + "y" + "t" + "h" + "o" + "n" + "3.11.so")',
}  # fmt: skip

SILENT = {
    "another of globals": f'from ctypes import PyDLL\nopen_it = print\nlib = globals()["open_it"]({LIB})',
    "no name of globals": f'import ctypes\nlib = globals()["PyDLL"]({LIB})',
    "globals, rebound": f'from ctypes import PyDLL\nPyDLL = print\nlib = globals()["PyDLL"]({LIB})',
    "another dotted attrgetter": f'import ctypes, operator\nlib = operator.attrgetter("windll.LoadLibrary")(ctypes)({LIB})',
    "another's __call__": f"import ctypes\nlib = ctypes.c_char_p.__call__({LIB})",
    "type's __call__ of another": f"import ctypes\nlib = type.__call__(ctypes.c_char_p, {LIB})",
    "splitext of another": 'import ctypes, os\nlib = ctypes.CDLL(os.path.splitext("libpythonqt.a")[0] + ".so")',
    "a static archive's stem": 'import ctypes, pathlib\npath = pathlib.Path("/lib/libpython3.11.a")\nlib = ctypes.CDLL(path.stem + ".a")',
    "another variable": 'import ctypes, sysconfig\nv = sysconfig._parse_makefile("Makefile")\nlib = ctypes.CDLL(v["LIBRARY"])',
    "another of build_time_vars": 'import ctypes\nfrom _sysconfigdata import build_time_vars\nlib = ctypes.CDLL(build_time_vars["LIBDIR"])',
    "find another": f'import ctypes, subprocess\nout = subprocess.check_output({FIND.format("libpythonqt*.so")}, text=True)\nlib = ctypes.CDLL(out.splitlines()[0])',
    "find a static archive": f'import ctypes, subprocess\nout = subprocess.check_output({FIND.format("libpython3.11.a")}, text=True)\nlib = ctypes.CDLL(out.strip())',
    "count lines": 'import ctypes, subprocess\nout = subprocess.getoutput("ls /lib/libpython3.11.so | wc -l")\nlib = ctypes.CDLL(out)',
    "all but libpython": 'import ctypes, subprocess\nout = subprocess.getoutput("ls /lib/*.so | grep -v libpython3.11.so")\nlib = ctypes.CDLL(out)',
    "only whether": 'import ctypes, subprocess\nout = subprocess.getoutput("ldconfig -p | grep -c libpython3.11.so")\nlib = ctypes.CDLL(out)',
    "two commands": 'import ctypes, subprocess\nout = subprocess.getoutput("ls /lib/libpython3.11.so; echo libm.so.6")\nlib = ctypes.CDLL(out)',
    "an unclosed quote": 'import ctypes, subprocess\nout = subprocess.getoutput("find / -name \'libpython3.11.so")\nlib = ctypes.CDLL(out)',
    "another of locals": f'import ctypes\ndef f():\n    name, other = "libm.so", {LIB}\n    return ctypes.CDLL(locals()["name"]), other\nlib = f()',
    "a global, not the local": f'import ctypes\nname = "libm.so"\ndef f():\n    name = {LIB}\n    return ctypes.CDLL(globals()["name"]), name\nlib = f()',
    "another template over locals": 'import ctypes\ndef f():\n    name, ver, other = "pythia", "3.11", "libpython"\n    return ctypes.CDLL("lib%(name)s%(ver)s.so" % locals())\nlib = f()',
    "type of self, another": f'import ctypes\nclass A:\n    NAME, OTHER = "libm.so", {LIB}\n    def f(self):\n        self.lib = ctypes.CDLL(type(self).NAME)\nA().f()',
    "type with bases": f'import ctypes\nA = type("A", (), dict(NAME={LIB}))\nlib = ctypes.CDLL("libm.so")',
    "three pieces of another": 'import ctypes\nlib = ctypes.CDLL("lib" + "py" + "thi" + "a.so")',
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_finds_roundabout_loads(name: str) -> None:
    code = f"{FOUND[name]}\n"
    (finding,) = api.check_bytes(code.encode(), "app.py")
    assert finding.code in ("NLP101", "NLP102")


@pytest.mark.parametrize("name", SILENT)
def test_is_silent_about_look_alikes(name: str) -> None:
    assert api.check_bytes(f"{SILENT[name]}\n".encode(), "app.py") == []
