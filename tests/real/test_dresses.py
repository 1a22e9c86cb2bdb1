"""Shapes in which real code opens libpython, or seems to: shortened, in words of our own.

Each was read in public code; what matters is kept: how the name comes about, and what opens it. The
projects are named where the index that was searched says which they are.
"""

from __future__ import annotations

from textwrap import dedent

import pytest

from no_libpython_dlopen.engine import api

FOUND = {
    "pythonnet, a loader of its early versions: the path beside the interpreter, the handle leaked": """
        import ctypes, os, sys
        def _library_of_interpreter():
            v = sys.version_info
            name = f"libpython{v.major}.{v.minor}{sys.abiflags}.so"
            return os.path.join(os.path.dirname(os.path.dirname(sys.executable)), "lib", name)
        def load():
            found = _library_of_interpreter()
            _ = ctypes.CDLL(found)
        """,
    "falcorcomp, its package: candidates, one inserted, modules by private names": """
        import ctypes as _ctypes
        import os as _os
        import sys as _sys
        import sysconfig as _sysconfig
        def _preload():
            soname = "libpython{}.{}.so.1.0".format(*_sys.version_info[:2])
            folder = _sysconfig.get_config_var("LIBDIR") or ""
            candidates = [_os.path.join(folder, soname), soname]
            other = _sysconfig.get_config_var("LDLIBRARY")
            if other:
                candidates.insert(1, _os.path.join(folder, other))
            for one in candidates:
                try:
                    _ctypes.CDLL(one, mode=_ctypes.RTLD_GLOBAL)
                    return
                except OSError:
                    continue
        _preload()
        """,
    "vLLM, its bindings of TensorRT-LLM: a helper that opens what another one picks": """
        import ctypes, sys, sysconfig
        from pathlib import Path
        def _open_shared(path: Path) -> None:
            try:
                ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
            except OSError as error:
                print(error)
        def _open_python() -> None:
            folder = sysconfig.get_config_var("LIBDIR")
            if not folder:
                return
            major, minor = sys.version_info[:2]
            for one in [Path(folder) / f"libpython{major}.{minor}.so.1.0", Path(folder) / f"libpython{major}.{minor}.so"]:
                if one.exists():
                    _open_shared(one)
                    return
        def _open_torch():
            for name in ("libc10.so", "libtorch.so"):
                _open_shared(Path("/opt") / name)
        _open_python()
        _open_torch()
        """,
    "Bi-DexHands, an adapter for Isaac Gym: a static method over paths that exist": """
        import ctypes, sys
        from pathlib import Path
        class Env:
            def __init__(self):
                self._preload()
            @staticmethod
            def _preload() -> None:
                major = sys.version_info.major
                minor = sys.version_info.minor
                candidates = [
                    Path(sys.prefix) / "lib" / f"libpython{major}.{minor}.so.1.0",
                    Path(sys.exec_prefix) / "lib" / f"libpython{major}.{minor}.so",
                ]
                for one in candidates:
                    if not one.exists():
                        continue
                    try:
                        ctypes.CDLL(str(one), mode=ctypes.RTLD_GLOBAL)
                    except OSError:
                        continue
                    break
        """,
    "isaacsim, isaacsim/__init__.py: by name, and in the handler by path": """
        import ctypes, os, sys
        root = os.path.dirname(__file__)
        if sys.platform != "win32":
            plugins = os.path.join(root, "kernel/plugins")
            name = f"libpython{sys.version_info.major}.{sys.version_info.minor}.so"
            try:
                ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
            except OSError:
                ctypes.CDLL(os.path.join(plugins, name), mode=ctypes.RTLD_GLOBAL)
        """,
    "an unnamed project: a list that grows, two loops, ctypes imported inside": """
        import os
        from pathlib import Path
        def ensure():
            if os.name != "posix":
                return
            import sys, sysconfig
            names = []
            first = sysconfig.get_config_var("INSTSONAME") or sysconfig.get_config_var("LDLIBRARY")
            if first:
                names.append(first)
            names.append("libpython{}.{}.so.1.0".format(*sys.version_info[:2]))
            for var in ("LIBDIR", "LIBPL"):
                folder = sysconfig.get_config_var(var)
                if not folder:
                    continue
                for name in names:
                    one = Path(folder) / name
                    if one.is_file():
                        try:
                            import ctypes
                            ctypes.CDLL(str(one), mode=ctypes.RTLD_GLOBAL)
                            return
                        except OSError:
                            pass
        ensure()
        """,
    "an unnamed project for Termux: a parameter that defaults to what another function finds": """
        import ctypes, sysconfig
        from pathlib import Path
        from typing import Optional
        def active() -> Optional[Path]:
            folder = sysconfig.get_config_var("LIBDIR")
            library = sysconfig.get_config_var("LDLIBRARY")
            if not folder or not library:
                return None
            path = Path(str(folder)) / str(library)
            return path if path.is_file() else None
        def load_global(library: Optional[Path] = None) -> Optional[Path]:
            path = active() if library is None else library
            if path is None:
                return None
            ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
            return path
        """,
    "an unnamed web application that works around psycopg2: `find_library`, tested": """
        import os
        import ctypes
        from ctypes.util import find_library
        libpython = find_library("python3.13")
        if libpython:
            ctypes.CDLL(libpython, mode=ctypes.RTLD_GLOBAL)
        from flask import Flask
        """,
    "a trainer on legged_gym: a path in conda's prefix, on Linux alone": """
        import os, sys, ctypes
        prefix = os.environ.get("CONDA_PREFIX")
        if prefix:
            lib = os.path.join(prefix, "lib")
            path = os.path.join(lib, "libpython3.8.so.1.0")
            if os.path.exists(path):
                try:
                    if sys.platform.startswith("linux"):
                        ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
                except (OSError, AttributeError):
                    pass
        import numpy as np
        """,
    "an unnamed bundle of OpenUSD: its own copy of libpython": """
        import ctypes, glob, os, sys
        _libs = os.path.join(os.path.dirname(__file__), "libs")
        def _preload_python():
            name = f"libpython{sys.version_info.major}.{sys.version_info.minor}.so.1.0"
            path = os.path.join(_libs, name)
            if os.path.isfile(path):
                ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
        def _preload_draco():
            for path in sorted(glob.glob(os.path.join(_libs, "libdraco.so*"))):
                ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
        _preload_python()
        _preload_draco()
        """,
    "MCP Console, a probe: a key that depends on another variable, flags of `os`": """
        import ctypes, os, sys, sysconfig
        folder = sysconfig.get_config_var(
            "PYTHONFRAMEWORKPREFIX" if sysconfig.get_config_var("PYTHONFRAMEWORK") else "LIBDIR"
        )
        name = sysconfig.get_config_var("INSTSONAME")
        if not folder or not name:
            sys.exit("no shared library")
        library = os.path.join(folder, name)
        if not os.path.isfile(library):
            sys.exit(f"no {library}")
        try:
            ctypes.CDLL(library, mode=os.RTLD_NOW | os.RTLD_GLOBAL)
        except OSError as error:
            sys.exit(str(error))
        """,
    "GLEAM, a script for Isaac Gym: names times prefixes, by `extend` of a generator": """
        import ctypes, os, sys, sysconfig
        from pathlib import Path
        def _preload() -> Path | None:
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            names = [sysconfig.get_config_var("LDLIBRARY"), f"libpython{version}.so.1.0", f"libpython{version}.so"]
            prefixes = [
                Path(p)
                for p in (sysconfig.get_config_var("LIBDIR"), os.environ.get("CONDA_PREFIX"), sys.prefix, sys.base_prefix)
                if p
            ]
            candidates: list[Path] = []
            for prefix in prefixes:
                folder = prefix if prefix.name == "lib" else prefix / "lib"
                candidates.extend(folder / name for name in names if name)
            for one in candidates:
                if one.is_file():
                    ctypes.CDLL(str(one), mode=ctypes.RTLD_GLOBAL)
                    return one
            return None
        _preload()
        """,
    "find_libpython, find_libpython/__init__.py: a generator of names, each tried": """
        import ctypes, os, sys, sysconfig
        def names(suffix=".so"):
            version = sysconfig.get_config_var("VERSION") or f"{sys.version_info.major}.{sys.version_info.minor}"
            stem = "libpython" + version
            yield stem + suffix
            yield "libpython3" + suffix
        for base in list(names()):
            try:
                lib = ctypes.CDLL(base)
            except OSError:
                pass
            else:
                print(lib._name)
        """,
    "pupy, pupy/pupy/dl_hacks.py: in place of `pythonapi`, after Windows' branch": """
        import ctypes, sys
        libpython = None
        if sys.platform == "win32":
            try:
                libpython = ctypes.PyDLL("python27.dll", handle=False)
            except WindowsError:
                print("no python27.dll")
        else:
            try:
                libpython = ctypes.PyDLL("libpython3.9.so.1.0")
            except OSError:
                print("no libpython")
        if libpython:
            ctypes.pythonapi = libpython
        """,
    "an unnamed patch for Android: LDLIBRARY of `get_config_vars()`": """
        import ctypes, ctypes.util, sysconfig
        def patch():
            def find(name):
                file = "lib{}.so".format(name)
                try:
                    ctypes.CDLL(file)
                except OSError:
                    return None
                return file
            ctypes.util.find_library = find
            ctypes.pythonapi = ctypes.PyDLL(sysconfig.get_config_vars()["LDLIBRARY"])
        patch()
        """,
    "Electrum in an app for Android: `pythonapi` gets another handle": """
        import ctypes, sys
        def _repair():
            try:
                ver = f"{sys.version_info.major}.{sys.version_info.minor}"
                lib = ctypes.CDLL(f"libpython{ver}.so")
                ctypes.cast(lib.PyObject_GetBuffer, ctypes.c_void_p)
                ctypes.pythonapi._handle = lib._handle
            except Exception:
                pass
        _repair()
        """,
    "cdleary/echo, src/echo/cg/longobject.py: the address of a function": """
        import ctypes
        def make_long_add():
            lib = ctypes.CDLL("libpython3.7m.so")
            address = ctypes.cast(lib.PyNumber_Add, ctypes.c_void_p).value
            return address
        """,
    "tekknolagi/skybison, library/ctypes_test.py: `find_library` without a version": """
        import ctypes, ctypes.util, unittest
        class T(unittest.TestCase):
            def test_int(self):
                name = ctypes.util.find_library("python")
                lib = ctypes.CDLL(name)
                limit = lib.Py_GetRecursionLimit
                self.assertEqual(limit(), 1000)
        """,
    "an unnamed example that fills a tuple: the same, in one expression": """
        import ctypes, ctypes.util
        libpython = ctypes.PyDLL(ctypes.util.find_library("python"))
        def assign(obj, i, item):
            return libpython.PyTuple_SetItem(ctypes.c_void_p(obj), ctypes.c_ssize_t(i), ctypes.c_void_p(item))
        """,
    "an unnamed finder: a folder's names, `find_library`, then `ldd`": """
        import ctypes, ctypes.util, subprocess, sys, sysconfig
        from pathlib import Path
        def resolve(path):
            return path.replace("@executable_path", str(Path(sys.executable).parent))
        def find():
            folder = sysconfig.get_config_var("LIBDIR")
            if folder:
                for ext in [".dylib", ".so"]:
                    for lib in Path(folder).glob(f"libpython{sys.version_info.major}.{sys.version_info.minor}*{ext}"):
                        found = resolve(str(lib.resolve()))
                        if Path(found).exists():
                            return found
            name = ctypes.util.find_library(f"python{sys.version_info.major}.{sys.version_info.minor}")
            if name:
                return resolve(name)
            if sys.platform.startswith("linux"):
                result = subprocess.run(["ldd", str(Path(sys.executable).resolve())], capture_output=True, text=True, check=True)
                for line in result.stdout.splitlines():
                    if "libpython" in line and "=>" in line:
                        return line.strip().split("=>")[1].split("(")[0].strip()
            return None
        path = find()
        if path is not None:
            ctypes.PyDLL(path)
        """,
    "an unnamed app with kivy: everywhere but on macOS": """
        import ctypes, sys
        from kivy.utils import platform
        try:
            if platform != "macosx":
                ctypes.pythonapi = ctypes.PyDLL("libpython%d.%d.so" % sys.version_info[:2])
        except Exception:
            pass
        """,
    "an unnamed program that frees by PyMem_RawFree: an attribute that two branches set": """
        import ctypes, sys
        class Fax:
            def __init__(self):
                if sys.platform.startswith("win"):
                    self.name = "python38.dll"
                else:
                    self.name = "libpython3.8.so"
                self.lib = ctypes.PyDLL(self.name)
                self.free = self.lib.PyMem_RawFree
        """,
}  # fmt: skip

SILENT = {
    "Endra, an app with kivy: on Android alone": """
        import ctypes, sys
        from kivy.utils import platform
        if platform == "android":
            ctypes.pythonapi = ctypes.PyDLL("libpython%d.%d.so" % sys.version_info[:2])
        """,
    "SimVascular, a script: its own libraries by PyDLL": """
        import ctypes, sys
        lib = ctypes.PyDLL("lib_simvascular_solid.dylib")
        lib.initpySolid2()
        print("libpython3.11.so")
        """,
    "an unnamed simulation: a library whose name begins alike": """
        from ctypes import *
        py_mes = CDLL("libpythonMesSer.so")
        n = c_int(11)
        """,
    "exodus-bundler, its tests: a test of what `ldd` says": """
        import subprocess, sys, ctypes
        def run_ldd(path):
            return subprocess.check_output(["ldd", path]).decode().splitlines()
        assert any("libpython" in line for line in run_ldd(sys.executable))
        libc = ctypes.CDLL("libc.so.6")
        """,
    "gil_load: an address in the maps of the process": """
        import ctypes, os, sys
        def segment():
            with open("/proc/{}/maps".format(os.getpid())) as f:
                for line in f:
                    if "libpython" in line and "rw-p" in line:
                        start, stop = [int(s, 16) for s in line.split()[0].split("-")]
                        return start, stop - start
        buf = (ctypes.c_char * 8).from_address(segment()[0])
        libc = ctypes.CDLL(None)
        """,
    "an unnamed launcher: a path in the maps for LD_PRELOAD": """
        import ctypes, os
        def set_env():
            with open(f"/proc/{os.getpid()}/maps", "rt") as f:
                for line in f:
                    if "libpython" in line:
                        os.environ["LD_PRELOAD"] = line.split()[-1]
                        break
        libgcc = ctypes.CDLL("libgcc_s.so.1")
        """,
    "an unnamed packager: libraries that are stripped": """
        from pathlib import Path
        import ctypes
        for lib in Path("lib").glob("libpython3.12.so*"):
            lib.unlink()
        ctypes.CDLL("libfoo.so")
        """,
    "an unnamed PyInstaller spec: a path for the bundle": """
        import sysconfig, os, ctypes
        from pathlib import Path
        def shared():
            folder = sysconfig.get_config_var("LIBDIR")
            for name in (sysconfig.get_config_var("INSTSONAME"), sysconfig.get_config_var("LDLIBRARY")):
                path = Path(folder) / name
                if path.exists():
                    return [(str(path), ".")]
            return []
        a = Analysis(["x.py"], binaries=shared())
        libc = ctypes.CDLL("libc.so.6")
        """,
    "PyInstaller, hook-clr.py: Python.NET's library, on Windows": """
        import ctypes.util
        from PyInstaller.compat import is_win
        if is_win:
            datas = [(ctypes.util.find_library("Python.Runtime"), "")]
        """,
    "Isaac Lab Arena: all libraries of a folder": """
        import ctypes, glob, os
        for file in glob.glob(os.path.join("kit", "lib*.so")):
            ctypes.CDLL(file, mode=ctypes.RTLD_GLOBAL)
        """,
    "an unnamed script: the path is printed": """
        import ctypes.util
        print(ctypes.util.find_library("python3.6m"))
        """,
}  # fmt: skip

SHELL = {
    "an unnamed image builder: a program on a shell's input": """
        python3 - <<'PY'
        import ctypes, sqlite3, sys
        assert sys.version_info[:2] == (3, 14)
        ctypes.CDLL("libpython3.14.so")
        PY
        """,
    "an unnamed packager of Hopper: a program for Python in a container": """
        docker exec "$c" python3 -c 'import ctypes; ctypes.CDLL("libpython3.12.so.1.0"); assert True'
        """,
}  # fmt: skip


def codes(text: str, name: str = "app.py") -> list[str]:
    return [one.code for one in api.check_bytes(dedent(text).encode(), name)]


@pytest.mark.parametrize("name", FOUND)
def test_finds_what_real_code_opens(name: str) -> None:
    assert set(codes(FOUND[name])) in ({"NLP101"}, {"NLP102"}, {"NLP101", "NLP102"})


@pytest.mark.parametrize("name", SHELL)
def test_finds_what_real_scripts_run(name: str) -> None:
    assert codes(SHELL[name], "run.sh") == ["NLP102"]


@pytest.mark.parametrize("name", SILENT)
def test_is_silent_about_real_look_alikes(name: str) -> None:
    assert codes(SILENT[name]) == []
