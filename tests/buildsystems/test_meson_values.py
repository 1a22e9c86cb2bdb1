"""Meson: what expressions come to, and which branch of a condition Unix takes.

Where a condition may be either, both branches are linked. https://mesonbuild.com/Syntax.html
"""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import fixed, found, marked, text_of

NAME = "meson.build"
HEAD = """\
project('demo', 'c')
py = import('python').find_installation(pure: false)
cc = meson.get_compiler('c')
system = host_machine.system()
"""
BRANCHES = """\
args = []
if {}
  args += '-lpython3.11'  # then
else
  args += '-lpython3.11'  # else
endif
py.extension_module('m', 'm.c', link_args: args)
"""

HOLDS = [
    *("true", "(true)", "not false", "true and (true)", "false or true", "true == true"),
    *("system != 'windows'", "'windows' != system", "not (system == 'windows')"),
    *("system in ['linux', 'darwin', 'freebsd']", "system not in ['windows', 'cygwin']"),
    *("system.to_lower() != 'windows'", "system.to_upper() != 'WINDOWS'", "' a '.strip() == 'a'"),
    *("cc.get_argument_syntax() == 'gcc'", "'abc'.startswith('ab')", "'abc'.contains('b')"),
    *("['a', 'b'].contains('a')", "{'a': true}.get('a')", "{'a': true}['a']"),
    "get_variable('nowhere', true)",
]  # fmt: skip
FAILS = [
    *("false", "not true", "true == false", "true != true", "true and false"),
    *("system == 'windows'", "system in ['windows', 'cygwin']", "system.startswith('win')"),
    *("cc.get_argument_syntax() == 'msvc'", "cc.has_define('_WIN32')", "cc.get_id() == 'msvc'"),
    *("['a', 'b'].contains('c')", "{'a': false}['a']", "'a' in ['b', 'c']"),
]
OPEN = [
    *("system == 'linux'", "'linux' == system", "system.to_upper() == 'LINUX'", "{}.get('a', true)"),
    *("get_option('embed')", "system == 'darwin'", "get_option('x') == 'a'", "get_option('x') and true"),
    *("cc.get_id() == 'gcc'", "cc.has_define('NDEBUG')", "'a' in get_option('list')"),
    *("[].contains()", "[1, 2].length() == 2", "meson.version().version_compare('>=1.0')"),
    *("{'a': true}['b']", "1 < 2", "-1 == 1", "'' == get_variable('nowhere')"),
    "cc.get_id() == 'gcc' ? true : false",
]  # fmt: skip


def linked(condition: str) -> list[str]:
    """Return in which branches the library is linked."""
    text = HEAD + BRANCHES.format(condition)
    lines = text.splitlines()
    findings = found(text, NAME)
    assert {finding.code for finding in findings} <= {"NLP201"}
    return [lines[finding.start.row - 1].rpartition("# ")[2] for finding in findings]


@pytest.mark.parametrize("condition", HOLDS)
def test_what_holds_leaves_the_else_to_other_platforms(condition: str) -> None:
    assert linked(condition) == ["then"]


@pytest.mark.parametrize("condition", FAILS)
def test_what_fails_leaves_the_first_branch_to_other_platforms(condition: str) -> None:
    assert linked(condition) == ["else"]


@pytest.mark.parametrize("condition", OPEN)
def test_what_may_be_either_links_in_both(condition: str) -> None:
    assert linked(condition) == ["then", "else"]


#: Flags of an extension module, and whether the library is among them.
FLAGS = {
    "'-lpython@0@'.format('3.11')": True,
    "'-l' + 'python3.11'": True,
    "'-LPYTHON3.11'.to_lower()": False,  # no folder of this name is a library
    "'-lpython3.11'.to_upper()": False,
    "'-lpython3.11'.strip()": True,
    "' '.join(['-lz', '-lpython3.11'])": True,
    "'-lz -lpython3.11'.split()": True,
    "['-lz', '-lpython3.11'][1]": True,
    "{'unix': '-lpython3.11'}['unix']": True,
    "{'unix': '-lpython3.11'}.get('unix')": True,
    "{'unix': '-lpython3.11'}.get('other', '-lz')": False,
    "get_variable('nowhere', '-lpython3.11')": True,
    "join_paths('/usr/lib', 'libpython3.11.so')": True,
    "join_paths(py.get_variable('LIBDIR'), 'libz.so')": False,
    "'/usr/lib' / 'libpython3.11.so'": True,
    "true ? '-lpython3.11' : '-lz'": True,
    "system == 'windows' ? '-lpython3.11' : '-lz'": False,
    "run_command('python3-config', '--ldflags').stdout().split()": False,
    "'''-lpython3.11'''": True,
}


@pytest.mark.parametrize(("value", "links"), FLAGS.items(), ids=FLAGS)
def test_an_expression_comes_to_a_flag(value: str, links: bool) -> None:
    text = f"{HEAD}py.extension_module('m', 'm.c', link_args: {value})\n"
    assert [one.code for one in found(text, NAME)] == ["NLP201"] * links


REPORTED = {
    "a variable that is set by name": """
    set_variable('args', ['-lpython3.11'])  # expect: NLP201
    py.extension_module('m', 'm.c', link_args: get_variable('args'))
    """,
    "a loop over a dictionary": """
    foreach name, args : {'a': ['-lpython3.11'], 'b': []}  # expect: NLP201
      py.extension_module(name, name + '.c', link_args: args)
    endforeach
    """,
    "a loop over a variable": """
    flags = ['-lz', '-lpython3.11']  # expect: NLP201
    foreach flag : flags
      py.extension_module('m', 'm.c', link_args: flag)
    endforeach
    """,
    "a loop that is left": """
    foreach flag : ['-lz', '-lm']
      if flag == '-lz'
        continue
      endif
      py.extension_module('m', 'm.c', link_args: '-lpython3.11')  # expect: NLP201
      break
    endforeach
    """,
    "a branch that stops": """
    if system == 'windows'
      error('no')
    endif
    py.extension_module('m', 'm.c', link_args: '-lpython3.11')  # expect: NLP201
    """,
    "the embedding half by dependency()": """
    py.extension_module('m', 'm.c', dependencies: dependency('python3', embed: true))  # expect: NLP202
    """,
    "the embedding half, asked for in a dictionary": """
    py.extension_module('m', 'm.c', dependencies: py.dependency(kwargs: {'embed': true}))  # expect: NLP202
    """,
    "the name that sysconfig prints": """
    name = run_command(py, '-c', 'import sysconfig; print(sysconfig.get_config_var("LDLIBRARY"))').stdout().strip()
    py.extension_module('m', 'm.c', link_args: join_paths(py.get_variable('LIBDIR'), name))  # expect: NLP202
    """,
}  # fmt: skip
SILENT = {
    "nothing comes after an error": """
    error('no')
    py.extension_module('m', 'm.c', link_args: '-lpython3.11')
    """,
    "every branch stops": """
    if get_option('x')
      error('no')
    else
      subdir_done()
    endif
    py.extension_module('m', 'm.c', link_args: '-lpython3.11')
    """,
    "another library of the compiler": """
    py.extension_module('m', 'm.c', dependencies: cc.find_library('z'))  # not python3.11
    """,
    "a folder that is joined": """
    py.extension_module('m', 'm.c', link_args: '-L' + join_paths('/usr/lib', 'python3.11'))
    """,
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_marked_lines_are_reported_and_no_others(name: str) -> None:
    text = HEAD + text_of({**REPORTED, **SILENT}[name])
    assert [(one.start.row, one.code) for one in found(text, NAME)] == marked(text)
    assert bool(marked(text)) == (name in REPORTED)


#: What Meson refuses, and where.
BROKEN = [
    ("foreach 1 : []\nendforeach\n", "expected a name"),
    ("x = f(1: 2)\n", "expected a keyword"),
    ("if true\n" * 60, "nested too deeply"),
    ("x = (1\n", "`(` is not closed"),
]


@pytest.mark.parametrize(("text", "reason"), BROKEN)
def test_what_meson_refuses_is_one_line(text: str, reason: str) -> None:
    (finding,) = found(f"{HEAD}flag = '-lpython3.11'\n{text}", NAME)
    assert finding.code == "NLP900"
    assert reason in finding.message


def test_a_file_that_its_project_does_not_reach_is_read_alone(tmp_path: Path) -> None:
    (tmp_path / "meson.build").write_text("project('demo', 'c')\n")
    (tmp_path / "sub").mkdir()
    path = tmp_path / "sub/meson.build"
    path.write_text(
        f"{HEAD.partition(chr(10))[2]}py.extension_module('m', link_args: '-lpython3.11')\n"
    )
    assert [one.code for one in api.check_bytes(path.read_bytes(), str(path))] == ["NLP201"]


@pytest.mark.parametrize("added", ["flags += ' -lpython3.11'", "flags = flags + ' -lpython3.11'"])
def test_a_text_that_grows_is_reported_where_it_is_split_and_left_alone(added: str) -> None:
    text = (
        f"{HEAD}flags = '-lz'\n{added}\n"
        "py.extension_module('m', 'm.c', link_args: flags.split())  # expect: NLP201\n"
    )
    assert [(one.start.row, one.code) for one in found(text, NAME)] == marked(text)
    assert fixed(text, NAME) == text


@pytest.mark.parametrize(
    ("added", "keyword"),
    [
        ("args += '-l' + name", "link_args"),
        ("args += ['-l' + name]", "link_args"),
        ("args += cc.find_library(name)", "dependencies"),
    ],
)
def test_what_is_another_library_as_well_stays(added: str, keyword: str) -> None:
    text = (
        f"{HEAD}args = []\nforeach name : ['z', 'python3.11']\n  {added}\nendforeach\n"
        f"py.extension_module('m', 'm.c', {keyword}: args)\n"
    )
    (finding,) = found(text, NAME)
    assert (finding.start.row, finding.fix) == (7, None)
    assert finding.no_fix_reason == "it may be another library as well"
    assert fixed(text, NAME) == text
