"""SCons: what an environment gives its loadable modules. More is in ``cases/build/scons_*``."""

from __future__ import annotations

import pytest

from tests.buildsystems.rewriting import found, reported

NAME = "SConstruct"
MODULE = 'env.LoadableModule("a", "a.c")\n'

#: Lines between the environment and the end, and what is marked.
LINKED = {
    "by keyword": ('env.LoadableModule("a", "a.c", LIBS=["python3.11"])\n', '"python3.11"'),
    "the target by keyword": (
        'env.LoadableModule(target="a", source="a.c", LIBS=["python3.11"])\n',
        '"python3.11"',
    ),
    "without a target": ('env.LoadableModule(source="a.c", LIBS=["python3.11"])\n', '"python3.11"'),
    "keywords of a dictionary": (
        'more = dict(LIBS=["python3.11"])\nenv.LoadableModule("a", "a.c", **more)\n',
        '"python3.11"',
    ),
    "keywords written out": (
        'env.LoadableModule("a", "a.c", **{"LIBS": ["python3.11"]})\n',
        '"python3.11"',
    ),
    "a check that adds what it finds": (
        'conf = Configure(env)\nconf.CheckLib("python3.11")\nenv = conf.Finish()\n' + MODULE,
        "python3.11",
    ),
    "a check of the environment's own": (
        'conf = env.Configure()\nconf.CheckLib("python3.11")\n' + MODULE,
        "python3.11",
    ),
    "a list that grows by an item": ('env["LIBS"].append("python3.11")\n' + MODULE, '"python3.11"'),
    "a list that grows": ('env["LIBS"] += ["python3.11"]\n' + MODULE, '"python3.11"'),
    "a list that is extended": ('env["LIBS"].extend(["python3.11"])\n' + MODULE, '"python3.11"'),
    "flags": ('env.MergeFlags("-lz -lpython3.11")\n' + MODULE, "-lpython3.11"),
    "a copy under its own name": (
        'b = env.Clone()\nb = b.Clone()\nb.Append(LIBS="python3.11")\nb.LoadableModule("a", "a.c")\n',
        "python3.11",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "marked"), LINKED.values(), ids=LINKED)
def test_what_reaches_a_module_is_marked(lines: str, marked: str) -> None:
    assert reported(f"env = Environment()\n{lines}", NAME) == [("NLP201", marked)]


def test_a_check_is_not_cut_out() -> None:
    (finding,) = found("env = Environment()\n" + LINKED["a check that adds what it finds"][0], NAME)
    assert finding.fix is None
    assert finding.no_fix_reason == "it applies to everything that is built in this environment"


@pytest.mark.parametrize(
    "lines",
    [
        'env.Append(LIBS=["python3.11"])\nenv.Program("a", "a.c")\n',
        'other = Environment()\nother.Append(LIBS=["python3.11"])\n' + MODULE,
        'conf.CheckLib("python3.11")\n' + MODULE,
        'conf = Configure(other)\nconf.CheckLib("python3.11")\n' + MODULE,
        'env["LIBPATH"] += ["/usr/lib/python3.11"]\n' + MODULE,
        'env.Append(CPPPATH=["python3.11"])\n' + MODULE,
    ],
)
def test_what_reaches_no_module_is_silent(lines: str) -> None:
    assert reported(f"env = Environment()\n{lines}", NAME) == []


WINDOWS = [
    'env.SharedLibrary("a", "a.c", SHLIBPREFIX="", SHLIBSUFFIX=".pyd", LIBS=["python3.11"])\n',
    'env.SharedLibrary("a.pyd", "a.c", SHLIBPREFIX="", LIBS=["python3.11"])\n',
    'env.LoadableModule("a", "a.c", LDMODULESUFFIX=".pyd", LIBS=["python3.11"])\n',
    'env.Replace(SHLIBSUFFIX=".pyd", SHLIBPREFIX="")\nenv.SharedLibrary("a", "a.c", LIBS="python3.11")\n',
    'b = env.Clone(SHLIBSUFFIX=".pyd", SHLIBPREFIX="")\nb.SharedLibrary("a", "a.c", LIBS="python3.11")\n',
]


@pytest.mark.parametrize("lines", WINDOWS)
def test_a_module_for_windows_links_python(lines: str) -> None:
    assert reported(f"env = Environment()\n{lines}", NAME) == []


@pytest.mark.parametrize("lines", WINDOWS)
def test_the_same_module_elsewhere_does_not(lines: str) -> None:
    assert len(reported(f"env = Environment()\n{lines.replace('.pyd', '.so')}", NAME)) == 1
    chosen = "'.pyd' if sys.platform == 'win32' else '.so'"
    if '".pyd"' in lines:
        text = (
            f"import sys\nenv = Environment()\n{lines.replace(chr(34) + '.pyd' + chr(34), chosen)}"
        )
        assert len(reported(text, NAME)) == 1
