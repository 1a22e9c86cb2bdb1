"""Libraries and flags that a ``setup.py`` takes from another module of its project."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Finding

HELPERS = """\
import sys
import sysconfig

LIBRARIES = ["m", "python3.12"]
NAME = "python3.12"
LDFLAGS = "-L/usr/lib -lpython3.12"
FINE = ["m"]
WINDOWS = ["python312"] if sys.platform == "win32" else []


def flags():
    return ["-L/usr/lib", "-lpython3.12"]


def named():
    return [f"python{sysconfig.get_python_version()}"]


class Settings:
    libraries = ["python3.12"]


GIVEN = dict(libraries=["m", "python3.12"], define_macros=[("python3.12", None)])


def given(extra=()):
    return {"extra_link_args": ["-lpython3.12", *extra], "libraries": ["m"]}
"""
SETUP = """\
from setuptools import Extension, setup
{0}

setup(ext_modules=[Extension("m", ["m.c"], {1})])
"""


def check(root: Path, imports: str, given: str, files: dict[str, str], name: str) -> list[Finding]:
    for path, text in ({"buildtools.py": HELPERS} | files).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    path = root / name
    path.write_text(SETUP.format(imports, given))
    return api.check_bytes(path.read_bytes(), str(path))


COMMANDS = """\
import os, shlex, subprocess, sys
from subprocess import PIPE, Popen, check_output

CONFIG = ["python3-config", "--ldflags", "--embed"]


def asked():
    return check_output(["python3-config", "--ldflags", "--embed"], text=True).split()


def shell():
    return shlex.split(subprocess.getoutput("python3.12-config --embed --libs"))


def text():
    return os.popen("python3-config --ldflags --embed").read().strip()


def popen():
    out, _ = Popen(CONFIG, stdout=PIPE).communicate()
    return out.decode().split()


def run(*options):
    done = subprocess.run([sys.executable + "-config", *options], stdout=PIPE, check=True)
    return done.stdout.decode("utf-8").strip().split()


def ran():
    return run("--ldflags", "--embed")


def libraries():
    return [one[2:] for one in asked() if one.startswith("-l")]


def package():
    return subprocess.check_output("pkg-config --libs python3-embed", shell=True).decode().split()


def grown():
    flags = ["-s"]
    flags += asked()
    return flags


def extended():
    flags = ["-s"]
    flags.extend(asked())
    return flags


def given():
    return {"extra_link_args": asked()}


def some(embeds=False):
    command = ["python3-config", "--ldflags"]
    if embeds:
        command.append("--embed")
    return check_output(command, text=True).split()


def picked():
    found = []
    for one in asked():
        if one[:2] == "-l":
            found.append(one[2:])
    return found


def without():
    return [one for one in asked() if not one.startswith("-lpython")]


def without_in_a_loop():
    found = []
    for one in asked():
        if not one.startswith("-lpython"):
            found.append(one)
    return found


def without_by_filter():
    return list(filter(lambda one: not one.startswith("-lpython"), asked()))


def without_by_replacement():
    return text().replace("-lpython3.12", "").split()


def folders_of_libraries():
    return [one for one in asked() if one.startswith("-L")]


def on_windows():
    return asked() if sys.platform == "win32" else []


def modules():
    return check_output(["python3-config", "--ldflags"], text=True).split()


def headers():
    return check_output(["python3-config", "--cflags", "--embed"], text=True).split()


def plain_package():
    return subprocess.check_output(["pkg-config", "--libs", "python3"], text=True).split()


def folders():
    return [one for one in run("--includes")]
"""
RUNS = {"buildtools.py": COMMANDS}
PACKAGE = {"buildtools.py": "", "_helpers/__init__.py": "from .flags import *\n", "_helpers/flags.py": HELPERS}  # fmt: skip
FOUND = {
    "a list": ("from buildtools import LIBRARIES", "libraries=LIBRARIES", {}),
    "of a module": ("import buildtools", "libraries=buildtools.LIBRARIES", {}),
    "a name in a list": ("from buildtools import NAME", 'libraries=["m", NAME]', {}),
    "a function": ("from buildtools import flags", "extra_link_args=flags()", {}),
    "a function of a module": ("import buildtools as b", "extra_link_args=b.flags()", {}),
    "a computed name": ("from buildtools import named", "libraries=named()", {}),
    "flags as a text": ("from buildtools import LDFLAGS", "extra_link_args=LDFLAGS.split()", {}),
    "added": ("from buildtools import LIBRARIES", 'libraries=["z"] + LIBRARIES', {}),
    "spread": ("from buildtools import LIBRARIES", 'libraries=["z", *LIBRARIES]', {}),
    "by a name here": ("from buildtools import LIBRARIES\nlibs = LIBRARIES", "libraries=libs", {}),
    "of a class": ("from buildtools import Settings", "libraries=Settings.libraries", {}),
    "a dictionary": ("from buildtools import GIVEN", "**GIVEN", {}),
    "a dictionary's entry": ("import buildtools", 'libraries=buildtools.GIVEN["libraries"]', {}),
    "a function's dictionary": ("from buildtools import given", "**given()", {}),
    "a module's dictionary": ("import buildtools", "**buildtools.given(['-s'])", {}),
    "of a package": ("from _helpers import flags", "extra_link_args=flags()", PACKAGE),
    "a command's flags": ("from buildtools import asked", "extra_link_args=asked()", RUNS),
    "a command's flags, added": ("from buildtools import asked", "extra_link_args=['-s'] + asked()", RUNS),
    "a shell's flags": ("import buildtools", "extra_link_args=buildtools.shell()", RUNS),
    "a command's text": ("from buildtools import text", "extra_link_args=text().split()", RUNS),
    "a process's flags": ("from buildtools import popen", "extra_link_args=popen()", RUNS),
    "the flags asked for here": ("from buildtools import run", "extra_link_args=run('--embed', '--ldflags')", RUNS),
    "the flags asked for there": ("from buildtools import ran", "extra_link_args=ran()", RUNS),
    "a command's libraries": ("from buildtools import libraries", "libraries=libraries()", RUNS),
    "pkg-config's flags": ("from buildtools import package", "extra_link_args=package()", RUNS),
    "a command's flags, put to others": ("from buildtools import grown", "extra_link_args=grown()", RUNS),
    "a list that grows by a command's flags": ("from buildtools import extended", "extra_link_args=extended()", RUNS),
    "a command's flags in a dictionary": ("from buildtools import given", "**given()", RUNS),
    "a command's flags, asked for by an argument": ("from buildtools import some", "extra_link_args=some(embeds=True)", RUNS),
    "a command's libraries, by a loop": ("from buildtools import picked", "libraries=picked()", RUNS),
    "a command's flags by a name": ("import buildtools\nargs = buildtools.asked()", "extra_link_args=args", RUNS),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_finds_what_a_helper_gives_the_linker(name: str, tmp_path: Path) -> None:
    imports, given, files = FOUND[name]
    (finding,) = check(tmp_path, imports, given, files, "setup.py")
    assert (finding.code, finding.path) == ("NLP201", str(tmp_path / "setup.py"))
    assert finding.fix is None or name == "a name in a list"


SILENT = {
    "other libraries": ("from buildtools import FINE", "libraries=FINE", {}),
    "another platform's": ("from buildtools import WINDOWS", "libraries=WINDOWS", {}),
    "not used": ("from buildtools import LIBRARIES", 'libraries=["m"]', {}),
    "another entry": ("from buildtools import given", 'libraries=given()["libraries"]', {}),
    "a key that links nothing": ("from buildtools import GIVEN", 'define_macros=GIVEN["define_macros"]', {}),
    "a dictionary of others": ("from other import GIVEN", "**GIVEN", {"other.py": "GIVEN = {'depends': ['python3.12']}\n"}),
    "not there": ("from buildtools import MISSING", "libraries=MISSING", {}),
    "used otherwise": ("from buildtools import LIBRARIES", "depends=LIBRARIES", {}),
    "of another project": ("from elsewhere import LIBRARIES", "libraries=LIBRARIES", {}),
    "a command's flags for modules": ("from buildtools import modules", "extra_link_args=modules()", RUNS),
    "a command's flags for headers": ("from buildtools import headers", "extra_compile_args=headers(), extra_link_args=headers()", RUNS),
    "pkg-config's flags for modules": ("from buildtools import plain_package", "extra_link_args=plain_package()", RUNS),
    "a command's flags, asked for otherwise": ("from buildtools import folders, run", "include_dirs=folders(), extra_link_args=run('--ldflags')", RUNS),
    "a command's flags, not asked for": ("from buildtools import some", "extra_link_args=some()", RUNS),
    **{
        f"a command's flags {name.replace('_', ' ')}": (f"from buildtools import {name}", f"extra_link_args={name}()", RUNS)
        for name in ("without", "without_in_a_loop", "without_by_filter", "without_by_replacement", "folders_of_libraries", "on_windows")
    },
    "a command's flags, not for the linker": ("from buildtools import asked", "extra_compile_args=asked()", RUNS),
    "broken": ("from broken import LIBRARIES", "libraries=LIBRARIES", {"broken.py": "LIBRARIES = ['python3.12'\n"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_is_silent_about_other_helpers(name: str, tmp_path: Path) -> None:
    imports, given, files = SILENT[name]
    assert check(tmp_path, imports, given, files, "setup.py") == []


@pytest.mark.parametrize("name", ["setup.py", "setup_ext.py", "build.py", "build_ext.py", "my_build.py"])  # fmt: skip
def test_knows_build_scripts_by_name(name: str, tmp_path: Path) -> None:
    found = check(tmp_path, "from buildtools import LIBRARIES", "libraries=LIBRARIES", {}, name)
    assert [one.code for one in found] == ["NLP201"]
