"""Commands inside YAML, RPM specs, tox.ini and Nix. A reported line says so at its end."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import fixed, found, marked, text_of

WORKFLOW = ".github/workflows/wheels.yml"
META = "recipe/meta.yaml"
RECIPE = "recipe.yaml"
SPEC = "python-band.spec"
NIX = "default.nix"

Table = dict[str, tuple[str, str]]

REPORTED: Table = {
    "a matrix with one system besides Windows": (
        WORKFLOW,
        """
        jobs:
          build:
            runs-on: ${{ matrix.os }}
            strategy:
              matrix:
                os: [windows-latest, ubuntu-latest]
            steps:
              - run: LDFLAGS=-lpython3.11 pip install .  # expect: NLP201
        """,
    ),
    "a matrix of Windows, to which a row is added": (
        WORKFLOW,
        """
        jobs:
          build:
            runs-on: ${{ matrix.os }}
            strategy:
              matrix:
                os: [windows-latest]
                include:
                  - os: ubuntu-latest
            steps:
              - run: LDFLAGS=-lpython3.11 pip install .  # expect: NLP201
        """,
    ),
    "a command of a step": (
        WORKFLOW,
        """
        on: push
        jobs:
          build:
            runs-on: ubuntu-latest
            steps:
              - uses: actions/checkout@v4
              - name: don't stop here
                run: LDFLAGS=-lpython3.11 pip install .  # expect: NLP201
        """,
    ),
    "a block of commands, and a version from the matrix": (
        WORKFLOW,
        """
        jobs:
          build:
            runs-on: ${{ matrix.os }}
            steps:
            - run: |
                sudo apt-get install swig
                LDFLAGS="-lpython${{ matrix.python }}" python -m build  # expect: NLP201
        """,
    ),
    "variables of a step, of a job and of all": (
        WORKFLOW,
        """
        env:
          LDFLAGS: '-lpython3.10'  # expect: NLP201
        jobs:
          one:
            runs-on: ubuntu-latest
            steps:
              - run: pip install .
          two:
            runs-on: ubuntu-latest
            env:
              LDFLAGS: "-L/usr/lib -lpython3.11"  # expect: NLP201
            steps:
              - run: python -m build
          three:
            runs-on: ubuntu-latest
            steps:
              - env:
                  LDFLAGS: -lpython3.12  # expect: NLP201
                run: pip wheel .
        """,
    ),
    "cibuildwheel's environment": (
        WORKFLOW,
        """
        jobs:
          build:
            runs-on: ubuntu-latest
            steps:
              - uses: pypa/cibuildwheel@v2
                env:
                  CIBW_ENVIRONMENT: A=1 LDFLAGS="-lm -lpython3.11"  # expect: NLP201
                  CIBW_ENVIRONMENT_MACOS: RUSTFLAGS="-C link-arg=-lpython3.11"  # expect: NLP201
        """,
    ),
    "a step for all but Windows": (
        WORKFLOW,
        """
        jobs:
          build:
            runs-on: ${{ matrix.os }}
            steps:
              - if: runner.os != 'Windows'
                run: LDFLAGS=-lpython3.11 pip install .  # expect: NLP201
        """,
    ),
    "a link of a step": (
        WORKFLOW,
        """
        jobs:
          build:
            runs-on: ubuntu-latest
            steps:
              - run: |
                  g++ -shared x.cpp -o x$(python3-config --extension-suffix) $(python3-config --ldflags --embed)  # expect: NLP202
        """,
    ),
    "an action of one's own": (
        "action.yml",
        """
        runs:
          using: composite
          steps:
            - run: LDFLAGS=-lpython3.11 pip install .  # expect: NLP201
              shell: bash
        """,
    ),
    "a job of GitLab": (
        ".gitlab-ci.yml",
        """
        variables:
          LDFLAGS: -lpython3.10  # expect: NLP201
        wheel:
          script:
            - pip wheel .
        other:
          before_script:
            - export LDFLAGS=-lpython3.11  # expect: NLP201
            - pip install .
        """,
    ),
    "a pipeline of Azure": (
        "azure-pipelines.yml",
        """
        jobs:
          - job: linux
            pool:
              vmImage: ubuntu-latest
            steps:
              - bash: |
                  export LDFLAGS=-lpython3.11  # expect: NLP201
                  pip wheel .
                displayName: wheel
              - script: LDFLAGS=-lpython3.10 python setup.py bdist_wheel  # expect: NLP201
          - job: windows
            pool:
              vmImage: windows-latest
            steps:
              - bash: LDFLAGS=-lpython3.12 pip wheel .
              - powershell: LDFLAGS=-lpython3.12 pip wheel .
        """,
    ),
    "a job of CircleCI": (
        ".circleci/config.yml",
        """
        jobs:
          wheel:
            docker:
              - image: cimg/python:3.11
            environment:
              LDFLAGS: -lpython3.11  # expect: NLP201
            steps:
              - checkout
              - run:
                  name: Build
                  command: |
                    pip wheel .
          windows:
            executor: win/default
            steps:
              - run:
                  command: LDFLAGS=-lpython3.12 pip wheel .
        """,
    ),
    "phases of Travis": (
        ".travis.yml",
        """
        language: python
        env:
          CIBW_ENVIRONMENT: LDFLAGS=-lpython3.11  # expect: NLP201
        before_install:
          - LDFLAGS=-lpython3.10 pip install .  # expect: NLP201
        matrix:
          include:
            - os: windows
              install: LDFLAGS=-lpython3.12 pip install .
        """,
    ),
    "a script of conda": (
        META,
        """
        {% set version = "1.0" %}
        build:
          number: 0
          script: LDFLAGS=-lpython3.11 {{ PYTHON }} -m pip install . -vv  # expect: NLP201
        """,
    ),
    "the lines of a script, and selectors": (
        META,
        """
        build:
          script:
            - export LDFLAGS="${LDFLAGS} -lpython3.11"  # [unix]  # expect: NLP201
            - export LDFLAGS="${LDFLAGS} -lpython3.12"  # [win]
            - {{ PYTHON }} -m pip install .
        """,
    ),
    "the variables of a script": (
        META,
        """
        build:
          script_env:
            - LDFLAGS=-lpython3.11  # expect: NLP201
          script: "{{ PYTHON }} -m pip install . -vv"
        """,
    ),
    "a condition of a recipe": (
        RECIPE,
        """
        build:
          script:
            - if: win
              then: LDFLAGS=-lpython3.10 ${{ PYTHON }} -m pip install .
              else:
                - export LDFLAGS=-lpython3.11  # expect: NLP201
                - ${{ PYTHON }} -m pip install .
        """,
    ),
    "the variables of a recipe": (
        RECIPE,
        """
        build:
          script:
            env:
              LDFLAGS: -lpython3.11  # expect: NLP201
            content: |
              ${{ PYTHON }} -m pip install .
        """,
    ),
    "an environment of tox": (
        "tox.ini",
        """
        [testenv]
        setenv =
            LDFLAGS = -L{envdir}/lib -lpython3.11 -Wexpect:# expect: NLP201
        commands =
            pip install .
        """,
    ),
    "a command of tox": (
        "tox.ini",
        """
        [testenv:fortran]
        commands =
            f2py -c -m band band.f90 -lpython3.10 --quiet# expect: NLP201
            pytest {posargs}
        """,
    ),
    "flags in Nix": (
        NIX,
        """
        { buildPythonPackage }:
        buildPythonPackage rec {
          pname = "band";
          NIX_LDFLAGS = "-lpython3.11";  # expect: NLP201
        }
        """,
    ),
    "flags in an attribute set of Nix": (
        NIX,
        """
        { python, buildPythonPackage }:
        buildPythonPackage {
          env.NIX_LDFLAGS = "-L${python}/lib -lpython3.11";  # expect: NLP201
        }
        """,
    ),
}
SILENT: Table = {
    "matrices of Windows": (
        WORKFLOW,
        """
        jobs:
          one:
            runs-on: ${{ matrix.os }}
            strategy:
              matrix:
                os: [windows-2019, "windows-latest"]
            steps:
              - run: LDFLAGS=-lpython3.11 pip install .
          two:
            strategy:
              matrix:
                system:
                  - windows-2019
                  - windows-latest
            runs-on: ${{ matrix.system }}
            steps:
              - run: LDFLAGS=-lpython3.11 pip install .
        """,
    ),
    "a job for Windows": (
        WORKFLOW,
        """
        jobs:
          build:
            runs-on: windows-latest
            steps:
              - run: LDFLAGS=-lpython3.11 pip install .
        """,
    ),
    "steps for Windows, and for another shell": (
        WORKFLOW,
        """
        jobs:
          build:
            runs-on: ${{ matrix.os }}
            steps:
              - run: LDFLAGS=-lpython3.11 pip install .
                if: runner.os == 'Windows'
              - shell: pwsh
                run: LDFLAGS=-lpython3.11 pip install .
        """,
    ),
    "a program": (
        WORKFLOW,
        """
        env:
          LDFLAGS: -lpython3.11
        jobs:
          build:
            runs-on: ubuntu-latest
            steps:
              - run: make
              - run: g++ x.cpp -o x $(python3-config --ldflags --embed)
        """,
    ),
    "variables of another job, and of cibuildwheel for Windows": (
        WORKFLOW,
        """
        jobs:
          make:
            env:
              LDFLAGS: -lpython3.11
            steps:
              - run: make
          build:
            env:
              CIBW_ENVIRONMENT_WINDOWS: LDFLAGS=-lpython3.11
            steps:
              - run: pip install .
        """,
    ),
    "no workflow": (
        "docs/wheels.yml",
        """
        jobs:
          build:
            steps:
              - run: LDFLAGS=-lpython3.11 pip install .
        """,
    ),
    "no YAML, and no shell": (
        WORKFLOW,
        """
        jobs: [
        - run: 'LDFLAGS=-lpython3.11 pip install . "
        - run: |
            case LDFLAGS=-lpython3.11 pip install ( "
        """,
    ),
    "what conda's packages need, and its tests": (
        META,
        """
        build:
          script: {{ PYTHON }} -m pip install .
        requirements:
          host:
            - libpython-static
        test:
          commands:
            - LDFLAGS=-lpython3.11 pip install .
        """,
    ),
    "a recipe's branch for Windows": (
        RECIPE,
        """
        build:
          script:
            - if: unix
              then: pip install .
              else: LDFLAGS=-lpython3.11 pip install .
        """,
    ),
    "flags of tox for a test": (
        "tox.ini",
        """
        [testenv]
        set_env =
            LDFLAGS = -lpython3.11
        commands = pytest
        [testenv:other]
        commands = pip install .
        set_env =
            A = 1
        """,
    ),
    "a program, a text and a comment in Nix": (
        NIX,
        """
        { buildPythonPackage }:
        buildPythonPackage {
          # NIX_LDFLAGS = "-lpython3.11";
          description = "links with -lpython3.11";
          LDFLAGS = lib.optionalString x "-lpython3.11";
        }
        """,
    ),
    "another builder of Nix": (
        NIX,
        """
        { stdenv, buildPythonPackage }:
        stdenv.mkDerivation { NIX_LDFLAGS = "-lpython3.11"; }
        """,
    ),
    "PyInstaller's spec, which is Python": (
        SPEC,
        """
        # %build LDFLAGS=-lpython3.11 pip install .
        a = Analysis(["x.py"], binaries=[("libpython3.11.so", ".")])
        """,
    ),
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_marked_lines_are_reported_and_no_others(name: str) -> None:
    path, block = {**REPORTED, **SILENT}[name]
    text = text_of(block)
    assert [(f.start.row, f.code) for f in found(text, path)] == marked(text)
    assert bool(marked(text)) == (name in REPORTED)
    assert fixed(text, path) == text


#: Commands of a spec's %build, and whether they build with the flags that are exported.
BUILDERS = {
    "%py3_build": True,
    "%{py3_build}": True,
    "%pyproject_wheel": True,
    "%{pyproject_wheel}": True,
    "%python3_pyproject_wheel": True,
    "%python_build": True,
    "%{__python3} setup.py build": True,
    "%{?python3} -m pip install .": True,
    "python3 setup.py build_ext": True,
    "%cmake_build": False,
    "%make_build": False,
    "%files\n%py3_build": False,
}


@pytest.mark.parametrize(("command", "builds"), BUILDERS.items(), ids=BUILDERS)
@pytest.mark.parametrize("flag", ["-lpython3.11", "-lpython%{python3_version}"])
def test_a_spec_is_read_with_its_macros(command: str, builds: bool, flag: str) -> None:
    text = (
        "Name: band\n%description\nIt's.\n%prep\n%autosetup\n%build\n"
        f'export LDFLAGS="%{{build_ldflags}} {flag}"\n'
        f"%if 0%{{?fedora}}\nexport A=%(date +%%Y)\n%endif\n{command}\n"
        "%install\n%changelog\n- LDFLAGS=-lpython3.11 pip install .\n"
    )
    assert [(f.start.row, f.code) for f in found(text, SPEC)] == [(7, "NLP201")] * builds


@pytest.mark.parametrize("name", ["PKGBUILD", "APKBUILD", "build.sh"])
@pytest.mark.parametrize(
    ("command", "builds"),
    [("$PYTHON -m pip install . -vv", True), ("python -m build", True), ("make install", False)],
)
def test_recipes_that_are_shell_scripts(name: str, command: str, builds: bool) -> None:
    text = f'build() {{\n  export LDFLAGS="$LDFLAGS -lpython3.11"\n  {command}\n}}\n'
    assert [(f.start.row, f.code) for f in found(text, name)] == [(2, "NLP201")] * builds


#: How a script sets a variable, and whether its commands see that, in a recipe and elsewhere.
ASSIGNMENTS = {
    'export LDFLAGS="$LDFLAGS -lpython3.11"': (True, True),
    'declare -x LDFLAGS="-lpython3.11"': (True, True),
    'local -rx LDFLAGS="-lpython3.11"': (True, True),
    "typeset -x LDFLAGS=-lpython3.11": (True, True),
    "set -a; LDFLAGS=-lpython3.11; set +a": (True, True),
    "set -ea; LDFLAGS=-lpython3.11": (True, True),
    "set -o allexport; LDFLAGS=-lpython3.11": (True, True),
    'LDFLAGS+=" -lpython3.11"': (True, False),
    'LDFLAGS="$LDFLAGS -lpython3.11"': (True, False),
    "CFLAGS=-lpython3.11": (True, False),
    "CXXFLAGS=-lpython3.11": (True, False),
    'local LDFLAGS="$LDFLAGS -lpython3.11"': (True, False),
    "LIBS=-lpython3.11": (False, False),
    "declare -a LIBS=-lpython3.11": (False, False),
    "set -e a; LIBS=-lpython3.11": (False, False),
    "set -a; set +a; LIBS=-lpython3.11": (False, False),
    "set -o errexit; LIBS=-lpython3.11": (False, False),
    "export -n LDFLAGS=-lpython3.11": (False, False),
    "export LDFLAGS; export -n LDFLAGS; LDFLAGS=-lpython3.11": (False, False),
    "declare +x LDFLAGS=-lpython3.11": (False, False),
    "unset LDFLAGS; LDFLAGS=-lpython3.11": (False, False),
}


@pytest.mark.parametrize("name", ["PKGBUILD", "APKBUILD", "band-1.0.ebuild", "build.sh", SPEC])
@pytest.mark.parametrize(("command", "seen"), ASSIGNMENTS.items(), ids=ASSIGNMENTS)
def test_recipes_begin_with_exported_flags(
    name: str, command: str, seen: tuple[bool, bool]
) -> None:
    text = f"%build\n{command}\npip wheel .\n" if name == SPEC else f"{command}\npip wheel .\n"
    row = 2 if name == SPEC else 1
    is_seen = seen[0] if name != "build.sh" else seen[1]
    assert [(f.start.row, f.code) for f in found(text, name)] == [(row, "NLP201")] * is_seen


@pytest.mark.parametrize("name", ["PKGBUILD", "APKBUILD", "band-1.0.ebuild"])
def test_what_all_commands_of_a_recipe_see_is_not_removed_safely(name: str) -> None:
    text = 'LDFLAGS+=" -lpython3.11 -lz"\npip wheel .\n'
    assert [f.fix and f.fix.applicability for f in found(text, name)] == ["unsafe"]


@pytest.mark.parametrize(
    ("command", "builds"),
    [
        ("gpep517 build-wheel --wheel-dir .dist --output-fd 3 3>&1 >&2", True),
        ("python3 -m gpep517 build-wheel --output-fd 3", True),
        ("gpep517 install-from-source --destdir $pkgdir", True),
        ("gpep517 get-backend", False),
        ("gpep517 install-wheel --destdir $pkgdir dist/*.whl", False),
    ],
)
def test_wheels_are_built_by_gpep517(command: str, builds: bool) -> None:
    text = f'export LDFLAGS="$LDFLAGS -lpython3.11"\n{command}\n'
    assert [f.code for f in found(text, "APKBUILD")] == ["NLP201"] * builds


def test_a_comment_suppresses() -> None:
    text = "env:\n  LDFLAGS: -lpython3.11  # nolibpy: ignore[NLP201]\nrun: pip install .\n"
    assert found(text.replace("ignore", "keep"), "action.yml") != []
    assert found(text, "action.yml") == []


#: Python that runs commands: a file's name and its text.
CODE: Table = {
    "words for nox": (
        "noxfile.py",
        """
        def build(session):
            session.run("f2py", "-c", "-m", "band", "band.f90", "-lpython3.10")  # expect: NLP201
            session.run("pip", "install", ".", env={"LDFLAGS": f"-lpython{V}"})  # expect: NLP201
        """,
    ),
    "nox' own pip, and its environment": (
        "noxfile.py",
        """
        def one(session):
            session.install(".", env={"LDFLAGS": "-lpython3.11"})  # expect: NLP201
        def two(session):
            session.env["LDFLAGS"] = "-lpython3.11"  # expect: NLP201
            session.install("-e", ".")
        """,
    ),
    "texts for invoke": (
        "tasks.py",
        """
        @task
        def build(c):
            c.run("LDFLAGS=-lpython3.10 pip install .")  # expect: NLP201
            c.run(f"f2py -c -m {NAME} band.f90 -lpython3.10")  # expect: NLP201
            if sys.platform != "win32":
                c.run('''
                    swig -python band.i
                    gcc -shared band_wrap.o -o _band.so -lpython3.11  # expect: NLP201
                ''')
        """,
    ),
    "a script, with letters of several bytes": (
        "build_it.py",
        """
        import os, subprocess, sys
        os.environ["LDFLAGS"] = "-lpython3.12"  # expect: NLP201
        x = "\u00fc\U0001d11e"; subprocess.check_call(["f2py", "-c", "b.f", "-lpython3.10"])  # expect: NLP201
        subprocess.run([sys.executable, "-m", "numpy.f2py", "-c", "b.f", "-lpython3.11"])  # expect: NLP201
        subprocess.run(["gcc", "-shared", "m.o", "-o", "m.abi3.so", "-lpython3.13"])  # expect: NLP201
        os.system("pip wheel .")
        """,
    ),
    "words put together from variables": (
        "build_it.py",
        """
        import shlex, subprocess, sysconfig

        SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
        VERSION = "3.11"

        def link(objects: list[str], debug: bool) -> None:
            subprocess.check_call(["cc", "-shared", "-o", "_a" + SUFFIX, *objects, "-lpython3.11"])  # expect: NLP201
            subprocess.run(["cc", "-shared", "-o", f"_b{SUFFIX}", f"-lpython{VERSION}"], check=True)  # expect: NLP201
            cmd = ["cc", "-shared", "-o", "_c" + sysconfig.get_config_var("EXT_SUFFIX")]
            if debug:
                cmd.append("-g")
            cmd.extend(objects)
            cmd += ["-lm", "-lpython3.12"]  # expect: NLP201
            print(" ".join(cmd))
            subprocess.check_call(cmd)
            cmd = ["cc", "main.c", "-o", "main", "-lpython3.12"]
            subprocess.check_call(cmd)
            flags = ["-shared", "-lpython3.10"]  # expect: NLP201
            subprocess.check_call(["cc"] + flags + ["-o", "_d.abi3.so"])
            subprocess.check_call("cc -shared d.c -o _d.abi3.so -lpython3.9".split())  # expect: NLP201
            subprocess.check_call(shlex.split("cc -shared d.c -o _d.abi3.so -lpython3.8"))  # expect: NLP201
        """,
    ),
    "texts put together from variables": (
        "build_it.py",
        """
        import os, subprocess, sysconfig

        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        libs = "-lpython3.11"  # expect: NLP201
        os.system("cc -shared a.c -o _a%s -lpython3.11" % suffix)  # expect: NLP201
        os.system("cc -shared %s -o _b%s -lpython%s" % ("b.c", suffix, "3.12"))  # expect: NLP201
        os.system("cc -shared {src} -o _c{ext} -lpython3.13".format(src="c.c", ext=suffix))  # expect: NLP201
        os.system("cc -shared {} -o _d{} {}".format("d.c", suffix, libs))
        os.system(f"cc -shared e.c -o _e{suffix} {libs}")
        command = "cc -shared f.c -o _f" + suffix
        command += " -lpython3.10"  # expect: NLP201
        with open("log", "w") as log:
            subprocess.call(command, shell=True, stdout=log)
        """,
    ),
    "what a command prints": (
        "build_it.py",
        """
        import subprocess

        flags = subprocess.check_output(["python3-config", "--ldflags", "--embed"]).decode().split()  # expect: NLP202
        subprocess.check_call(["cc", "-shared", "a.c", "-o", "_a.abi3.so", *flags])
        more = subprocess.run("pkg-config --libs python3-embed", stdout=-1, shell=True).stdout  # expect: NLP202
        subprocess.check_call("cc -shared a.c -o _a.abi3.so " + more.decode(), shell=True)
        """,
    ),
    "tests of plain Unix": (
        "build_it.py",
        """
        import os, platform, subprocess, sys

        if os.name == "posix":
            libs = ["-lpython3.9"]  # expect: NLP201
        else:
            libs = []
        if sys.platform in ("linux", "darwin"):
            libs.append("-lpython3.10")  # expect: NLP201
        if not sys.platform.startswith("win"):
            libs.append("-lpython3.11")  # expect: NLP201
        if platform.system() != "Windows":
            libs.append("-lpython3.12")  # expect: NLP201
        if sys.platform == "darwin" or debug:
            libs.append("-lpython3.13")  # expect: NLP201
        if sys.platform == "linux":
            libs.append("-lpython3.14")  # expect: NLP201
        else:
            libs.append("-lpython3.8")  # expect: NLP201
        if sys.platform == "freebsd13":
            libs.append("-lpython3.15")  # expect: NLP201
        if sys.platform in ("win32", "dragonfly6"):
            libs.append("-lpython3.7")  # expect: NLP201
        if "win32" != sys.platform and platform.system().lower() != "cygwin":
            libs.append("-lpython3.16")  # expect: NLP201
        if not (sys.platform != "linux" and sys.platform != "darwin"):
            libs.append("-lpython3.17")  # expect: NLP201
        subprocess.check_call(["cc", "-shared", "m.c", "-o", "m.abi3.so"] + libs)

        def main():
            if sys.platform == "win32":
                return
            subprocess.check_call(["cc", "-shared", "m.c", "-o", "m.abi3.so", "-lpython3.14"])  # expect: NLP201
        """,
    ),
    "tasks of doit": (
        "dodo.py",
        """
        LIBS = "-lpython3.11"  # expect: NLP201

        def task_text():
            return {"actions": ["cc -shared m.c -o _m.abi3.so -lpython3.12"]}  # expect: NLP201

        def task_words():
            yield {
                "name": "m",
                "actions": [["cc", "-shared", "m.c", "-o", "_m.abi3.so", "-lpython3.13"]],  # expect: NLP201
            }

        def task_files():
            return dict(
                file_dep=["m.c"],
                targets=["_m.abi3.so"],
                actions=["cc -shared %(dependencies)s -o %(targets)s " + LIBS],
            )

        def task_new_format():
            return {
                "targets": ["_m.abi3.so"],
                "actions": (CmdAction("cc -shared m.c -o {targets} -lpython3.14"), done),  # expect: NLP201
            }

        def task_wheel():
            return {"actions": ["mkdir x", "LDFLAGS=-lpython3.10 pip wheel ."]}  # expect: NLP201
        """,
    ),
    "a branch of match": (
        "build_it.py",
        """
        import subprocess

        def build(kind):
            match kind:
                case "module":
                    subprocess.run(["cc", "-shared", "m.o", "-o", "m.abi3.so", "-lpython3.13"])  # expect: NLP201
                case _:
                    subprocess.run(["cc", "m.o", "-o", "m", "-lpython3.13"])
        """,
    ),
}
CODE_SILENT: Table = {
    "tasks that make something else": (
        "dodo.py",
        """
        import sys

        def task_program():
            return {"actions": ["cc main.c -o main -lpython3.11"], "targets": ["_m.abi3.so"]}

        def task_plugin():
            return {"actions": ["cc -shared m.c -o %(targets)s -lpython3.11"], "targets": ["m.so"]}

        def task_unknown():
            return {"actions": ["cc -shared m.c -o %(targets)s -lpython3.11"], "targets": found()}

        def task_text():
            return {"doc": "cc -shared m.c -o _m.abi3.so -lpython3.11", "actions": [run, None]}

        def task_old():
            return {"action": ["cc -shared m.c -o _m.abi3.so -lpython3.11"]}

        def task_string():
            return {"actions": "cc -shared m.c -o _m.abi3.so -lpython3.11"}

        if sys.platform == "win32":
            def task_windows():
                return {"actions": ["cc -shared m.c -o _m.abi3.so -lpython3.11"]}
        """,
    ),
    "dictionaries of other files": (
        "tasks_of_others.py",
        """
        tasks = {"actions": ["cc -shared m.c -o _m.abi3.so -lpython3.11"]}
        run(tasks)
        """,
    ),
    "other platforms": (
        "build_it.py",
        """
        import os, platform, subprocess, sys

        libs = []
        if os.name == "nt":
            libs += ["-lpython3.11"]
        if sys.platform not in ("linux", "darwin"):
            libs.append("-lpython3.11")
        if not sys.platform.startswith(("linux", "freebsd")) and os.name != "posix":
            libs.append("-lpython3.11")
        if platform.system() == "Windows" or sys.platform == "cygwin":
            libs.append("-lpython3.11")
        if sys.platform != "linux" and sys.platform != "darwin":
            libs.append("-lpython3.11")
        if sys.platform == "linux":
            pass
        elif sys.platform == "darwin":
            pass
        else:
            libs.append("-lpython3.11")
        if "linux" not in sys.platform and sys.platform != "darwin":
            libs.append("-lpython3.11")
        if platform.system().lower() == "windows" or "nt" == os.name:
            libs.append("-lpython3.11")
        if platform.system().lower() in {"windows", "cygwin"}:
            libs.append("-lpython3.11")
        subprocess.check_call(["cc", "-shared", "m.c", "-o", "m.abi3.so"] + libs)

        def main():
            if sys.platform != "win32":
                return
            subprocess.check_call(["cc", "-shared", "m.c", "-o", "m.abi3.so", "-lpython3.11"])

        def other():
            if os.name == "posix":
                sys.exit(0)
            subprocess.check_call(["cc", "-shared", "m.c", "-o", "m.abi3.so", "-lpython3.11"])
        """,
    ),
    "words of which a branch decides": (
        "build_it.py",
        """
        import subprocess

        def build(embed, flags):
            if embed:
                cmd = ["cc", "main.c", "-o", "main"]
            else:
                cmd = ["cc", "-shared", "m.c", "-o", "m.abi3.so"]
            cmd.append("-lpython3.11")
            subprocess.check_call(cmd)
            subprocess.check_call(["cc", "-shared", "m.c", "-o", "m.abi3.so", *flags])
            out = "m.abi3.so"
            for out in ("a", "b"):
                subprocess.check_call(["cc", "-shared", "m.c", "-o", out, "-lpython3.11"])
        """,
    ),
    "a list whose words no command gets": (
        "build_it.py",
        """
        import subprocess

        cmd = ["cc", "-shared", "m.c", "-o", "m.abi3.so"]
        libs = ["-lpython3.11"]
        print(cmd + libs)
        subprocess.check_call(cmd)
        cmd = ["cc", "main.c", "-o", "main"] + libs
        subprocess.check_call(cmd)

        def other(cmd, libs):
            subprocess.check_call(cmd + ["-lpython3.11"])
            subprocess.check_call(["cc", "-shared", "m.c", "-o", "m.abi3.so"] + libs)
        """,
    ),
    "programs, plug-ins and texts": (
        "tasks.py",
        """
        '''LDFLAGS=-lpython3.11 pip install .'''
        def build(c):
            c.run("gcc main.c -o main -lpython3.11")
            c.run("gcc -shared x.c -o libx.so -lpython3.11")
            c.run("echo f2py -c x.f -lpython3.11")
            print("f2py -c x.f -lpython3.11")
        """,
    ),
    "Windows": (
        "noxfile.py",
        """
        def build(session):
            if sys.platform == "win32":
                session.install(".", env={"LDFLAGS": "-lpython3.11"})
            if sys.platform != "win32":
                pass
            else:
                session.run("f2py", "-c", "x.f", "-lpython3.11")
        """,
    ),
    "another session's environment": (
        "noxfile.py",
        """
        def one(session):
            session.env["LDFLAGS"] = "-lpython3.11"
            session.run("pytest")
        def two(session):
            session.install(".")
        """,
    ),
}


@pytest.mark.parametrize("name", [*CODE, *CODE_SILENT])
def test_commands_that_python_runs(name: str) -> None:
    path, block = {**CODE, **CODE_SILENT}[name]
    text = text_of(block)
    assert [(f.start.row, f.code) for f in found(text, path)] == marked(text)
    assert bool(marked(text)) == (name in CODE)
    assert fixed(text, path) == text


@pytest.mark.parametrize(
    "change",
    [
        'c.remove("-lpython3.11")',
        "c.pop()",
        "c.clear()",
        "del c[-1]",
        'c[-1] = "-lm"',
        "import c",
        "with open(c[0]) as c: pass",
    ],
)
def test_a_list_that_loses_items_is_unknown(change: str) -> None:
    text = f"""import subprocess
c = ["cc", "-shared", "-o", "_m.cpython-311-x86_64-linux-gnu.so", "m.c", "-lpython3.11"]
{change}
subprocess.run(c)
"""
    assert api.check_bytes(text.encode(), "tasks.py") == []
