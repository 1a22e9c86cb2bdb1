"""Waf's ``wscript``: an extension module with the feature of embedding programs."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.model.finding import Applicability
from tests.buildsystems.rewriting import fixed, found, reported

WINDOWS = (
    "def build(bld):\n    if sys.platform == 'win32':\n        bld(features='pyext pyembed')\n"
)
#: Text, what is marked, and the text after the fix.
FOUND = {
    "both features": (
        "def build(bld):\n    bld(features='c cshlib pyext pyembed', source='x.c', target='x')\n",
        "pyembed",
        "def build(bld):\n    bld(features='c cshlib pyext', source='x.c', target='x')\n",
    ),
    "pyembed first": (
        'def build(ctx):\n    ctx.shlib(features="pyembed pyext", source="x.c", target="y/x")\n',
        "pyembed",
        'def build(ctx):\n    ctx.shlib(features="pyext", source="x.c", target="y/x")\n',
    ),
    "a list": (
        "def build(bld):\n    bld(\n        features=['cxx', 'pyext', 'pyembed'],\n        target='x')\n",
        "'pyembed'",
        "def build(bld):\n    bld(\n        features=['cxx', 'pyext'],\n        target='x')\n",
    ),
    "in a branch": (
        "def build(bld):\n    if bld.env.PY:\n        bld.new_task_gen(features='pyext pyembed cxx')\n",
        "pyembed",
        "def build(bld):\n    if bld.env.PY:\n        bld.new_task_gen(features='pyext cxx')\n",
    ),
    "the flags of programs by their name": (
        "def build(bld):\n    bld(features='c cshlib pyext', target='x', use='BAND PYEMBED')\n",
        "PYEMBED",
        "def build(bld):\n    bld(features='c cshlib pyext', target='x', use='BAND')\n",
    ),
    "the same in older files, in a list": (
        "def build(bld):\n    bld(features=['pyext'], uselib=['PYEMBED', 'BAND'])\n",
        "'PYEMBED'",
        "def build(bld):\n    bld(features=['pyext'], uselib=['BAND'])\n",
    ),
    "the branch for all but Windows": (
        f"{WINDOWS}    else:\n        bld(features='c pyext pyembed')\n",
        "pyembed",
        f"{WINDOWS}    else:\n        bld(features='c pyext')\n",
    ),
    "not on Windows": (
        "def build(bld):\n    if bld.env.DEST_OS != 'win32':\n        bld(features='c pyext pyembed')\n",
        "pyembed",
        "def build(bld):\n    if bld.env.DEST_OS != 'win32':\n        bld(features='c pyext')\n",
    ),
    "a sum with split": (
        "def build(bld):\n    bld(features='c cshlib'.split() + ['pyext', 'pyembed'])\n",
        "'pyembed'",
        "def build(bld):\n    bld(features='c cshlib'.split() + ['pyext'])\n",
    ),
    "words that are split": (
        "def build(bld):\n    bld(features='c pyembed cshlib'.split() + ['pyext'])\n",
        "pyembed",
        "def build(bld):\n    bld(features='c cshlib'.split() + ['pyext'])\n",
    ),
    "a list with the last item": (
        "def build(bld):\n    bld(features=['c', 'pyext'] + ['pyembed'])\n",
        "'pyembed'",
        "def build(bld):\n    bld(features=['c', 'pyext'] + [])\n",
    ),
    "texts one after the other": (
        "def build(bld):\n    bld(features='c cshlib ' + 'pyext' ' pyembed')\n",
        "pyembed",
        "def build(bld):\n    bld(features='c cshlib ' + 'pyext' '')\n",
    ),
    "a name of its own": (
        "def build(bld):\n    features = ['c', 'pyext', 'pyembed']\n    bld(features=features)\n",
        "'pyembed'",
        "def build(bld):\n    features = ['c', 'pyext']\n    bld(features=features)\n",
    ),
    "a name in a sum": (
        "def build(bld):\n    kind = 'c pyext'.split()\n    bld(features=kind + ['pyembed'])\n",
        "'pyembed'",
        "def build(bld):\n    kind = 'c pyext'.split()\n    bld(features=kind + [])\n",
    ),
    "macOS and others": (
        (
            "def build(bld):\n    if sys.platform == 'darwin':\n        pass\n    else:\n"
            "        bld(features='pyext pyembed')\n"
        ),
        "pyembed",
        (
            "def build(bld):\n    if sys.platform == 'darwin':\n        pass\n    else:\n"
            "        bld(features='pyext')\n"
        ),
    ),
}
SILENT = {
    "neither Linux nor macOS": (
        "def build(bld):\n    if sys.platform not in ('linux', 'darwin'):\n"
        "        bld(features='pyext pyembed')\n"
    ),
    "a name of two lists": (
        "def build(bld):\n    names = ['c', 'pyext', 'pyembed']\n    names = ['c']\n"
        "    bld(features=names)\n"
    ),
    "a name that a program has as well": (
        "def build(bld):\n    names = ['pyembed']\n    bld(features=names + ['pyext'])\n"
        "    bld.program(features=names)\n"
    ),
    "names that read each other": (
        "def build(bld):\n    a = b + ['pyext']\n    b = a + ['pyembed']\n    bld(features=c)\n"
        "    c = c + ['pyext pyembed']\n"
    ),
    "a name that a loop sets": (
        "def build(bld):\n    names = ['pyext', 'pyembed']\n    for names in ([], []):\n"
        "        bld(features=names)\n"
    ),
    "one word of two texts": (
        "def build(bld):\n    bld(features='c pyext ' 'pyembed' '_x')\n"
        "    bld(features='pyext pyembed' + 'ded')\n"
    ),
    "another method": "def build(bld):\n    bld(features='pyext pyembed'.strip())\n",
    "only on Windows and Cygwin": (
        "def build(bld):\n    if bld.env.DEST_OS == 'win32':\n        bld(features='c pyext pyembed')\n"
        "    if conf.env.DEST_OS in ('cygwin', 'win32'):\n        bld(features='c pyext pyembed')\n"
    ),
    "the flags of programs for one": (
        "def build(bld):\n    bld(features='c cprogram', use='PYEMBED', target='pyext')\n"
        "def configure(conf):\n    conf.check(lib='boost_python', uselib='PYEXT PYEMBED')\n"
        "    conf.check_python_headers(features='pyembed pyext')\n"
    ),
    "a program": "def build(bld):\n    bld(features='c cprogram pyembed', target='x')\n",
    "a module": "def build(bld):\n    bld(features='c cshlib pyext', target='x')\n",
    "a program and a module": (
        "def build(bld):\n    bld(features='c cprogram pyembed', target='p')\n"
        "    bld(features='c cshlib pyext', target='x')\n"
    ),
    "Samba's subsystems": (
        "def build(bld):\n    bld.SAMBA_LIBRARY('x', source='x.c', pyembed=True)\n"
        "    lib = bld.pyembed_libname('pyext')\n"
    ),
    "words like these": "def build(bld):\n    bld(features='c pyext.x pyembed_x pyext2')\n",
    "a comment": "def build(bld):\n    bld(features='c pyext')  # no pyembed\n",
    "other keywords": "def build(bld):\n    bld(uselib='pyext pyembed')\n",
}


@pytest.mark.parametrize(("before", "marked", "after"), FOUND.values(), ids=FOUND)
@pytest.mark.parametrize("name", ["wscript", "src/wscript", "wscript_build"])
def test_a_module_that_embeds_is_found(before: str, marked: str, after: str, name: str) -> None:
    assert reported(before, name) == [("NLP202", marked)]
    assert fixed(before, name) == after
    (finding,) = found(before, name)
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_what_waf_may_build_is_silent(text: str) -> None:
    assert reported(text, "wscript") == []


def test_a_wscript_can_be_suppressed_and_broken() -> None:
    text = FOUND["both features"][0].replace("target='x')", "target='x')  # noqa: NLP202")
    assert reported(text, "wscript") == []
    broken = "def build(bld):\n    bld(features='pyext pyembed'\n"
    assert [finding.code for finding in found(broken, "wscript")] == ["NLP900"]
