"""Meson: which lines are reported (a comment at their end says so), and what a fix writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.buildsystems.meson.lexer import tokens
from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import fixed, found, marked, text_of

HEAD = """\
project('demo', 'c')
py = import('python').find_installation(pure: false)
"""

REPORTED = {
    "embed: true in a call of many lines": """
    py.extension_module(
      'm',
      'm.c',
      dependencies: [
        py.dependency(
          embed: true,  # expect: NLP202
        ),
      ],
    )
    """,
    "embed: true in a variable": """
    py_dep = py.dependency(embed: true, required: true)  # expect: NLP202
    py.extension_module('m', 'm.c', dependencies: py_dep)
    """,
    "python3-embed": """
    dep = dependency('python3-embed', required: true)  # expect: NLP202
    py.extension_module('m', 'm.c', dependencies: [dep])
    """,
    "python-3.11-embed": """
    py.extension_module('m', 'm.c', dependencies: dependency('python-3.11-embed'))  # expect: NLP202
    """,
    "the version in a format": """
    dep = dependency('python-@0@-embed'.format(py.language_version()))  # expect: NLP202
    py.extension_module('m', 'm.c', dependencies: dep)
    """,
    "a flag": """
    py.extension_module('m', 'm.c', link_args: '-lpython3.11')  # expect: NLP201
    """,
    "a flag in a list": """
    py.extension_module('m', 'm.c', link_args: ['-lm', '-lpython3.11'])  # expect: NLP201
    """,
    "a flag with the version put in": """
    args = ['-lpython' + py.language_version()]  # expect: NLP201
    args += '-lpython@0@'.format(py.language_version())  # expect: NLP201
    ver = py.language_version()
    args += [f'-lpython@ver@']  # expect: NLP201
    py.extension_module('m', 'm.c', link_args: args)
    """,
    "words of a string": """
    py.extension_module('m', 'm.c', link_args: '-lm -lpython3.11'.split())  # expect: NLP201
    """,
    "a declared dependency": """
    dep = declare_dependency(link_args: ['-lpython3.11'])  # expect: NLP201
    more = declare_dependency(dependencies: [dep])
    py.extension_module('m', 'm.c', dependencies: more)
    """,
    "find_library": """
    cc = meson.get_compiler('c')
    lib = cc.find_library('python3.11')  # expect: NLP201
    py.extension_module('m', 'm.c', dependencies: lib)
    """,
    "LDLIBRARY": """
    lib = py.get_variable('LDLIBRARY')  # expect: NLP202
    py.extension_module('m', 'm.c', link_args: [lib])
    """,
    "LDLIBRARY in its folder": """
    py.extension_module('m', 'm.c', link_args: py.get_variable('LIBDIR') / py.get_variable('LDLIBRARY'))  # expect: NLP202
    """,
    "python3-config --embed": """
    flags = run_command('python3-config', '--ldflags', '--embed', check: true).stdout().strip().split()  # expect: NLP202
    py.extension_module('m', 'm.c', link_args: flags)
    """,
    "the branch for all but Windows": """
    deps = []
    if host_machine.system() != 'windows'
      deps += py.dependency(embed: true)  # expect: NLP202
    endif
    py.extension_module('m', 'm.c', dependencies: deps)
    """,
    "the else of a Windows guard": """
    if host_machine.system() in ['windows', 'cygwin']
      dep = py.dependency(embed: true)
    elif host_machine.system() == 'darwin'
      dep = py.dependency()
    else
      dep = py.dependency(embed: true)  # expect: NLP202
    endif
    py.extension_module('m', 'm.c', dependencies: dep)
    """,
    "a choice": """
    is_windows = host_machine.system() == 'windows'
    py.extension_module('m', 'm.c', dependencies: is_windows ? py.dependency() : py.dependency(embed: true))  # expect: NLP202
    """,
    "keywords in a dictionary": """
    settings = {
      'dependencies': [py.dependency(embed: true)],  # expect: NLP202
      'install': true,
    }
    py.extension_module('m', 'm.c', kwargs: settings)
    """,
    "a loop": """
    dep = py.dependency(embed: true)  # expect: NLP202
    foreach name : ['a', 'b']
      py.extension_module(name, name + '.c', dependencies: dep)
    endforeach
    """,
    "flags of the whole project": """
    add_project_link_arguments('-lpython3.11', language: 'c')  # expect: NLP201
    py.extension_module('m', 'm.c')
    """,
    "a program as well": """
    dep = py.dependency(embed: true)  # expect: NLP202
    executable('app', 'app.c', dependencies: dep)
    py.extension_module('m', 'm.c', dependencies: dep)
    """,
    "a shared module installed where Python looks": """
    shared_module('_m', 'm.c', name_prefix: '',
      dependencies: py.dependency(embed: true),  # expect: NLP202
      install_dir: py.get_install_dir())
    """,
    "a shared module with Python's suffix": """
    shared_module('m.cpython-311-x86_64-linux-gnu', 'm.c', name_prefix: '', link_args: ['-lpython3.11'])  # expect: NLP201
    """,
    "a dependency that was not found first": """
    dep = dependency('python3-embed', required: false)  # expect: NLP202
    if not dep.found()
      dep = dependency('python3')
    endif
    py.extension_module('m', 'm.c', dependencies: dep)
    """,
    "the helper of a variable's method": """
    pymod = import('python')
    pymod.find_installation('python3').extension_module('m', 'm.c',
      dependencies: pymod.find_installation().dependency(embed: true))  # expect: NLP202
    """,
}

SILENT = {
    "an executable": """
    executable('app', 'app.c', dependencies: py.dependency(embed: true), link_args: ['-lpython3.11'])
    """,
    "libraries": """
    dep = dependency('python3-embed')
    shared_library('foo', 'foo.c', dependencies: dep)
    library('bar', 'foo.c', dependencies: dep)
    static_library('baz', 'foo.c', dependencies: dep)
    both_libraries('qux', 'foo.c', dependencies: dep)
    """,
    "a plug-in of a host program": """
    shared_module('python', 'python.c', name_prefix: '', dependencies: dependency('python3-embed'),
      install: true, install_dir: plugindir)
    """,
    "what is right": """
    py.extension_module('m', 'm.c', dependencies: [py.dependency(), py.dependency(embed: false)])
    py.extension_module('n', 'n.c', dependencies: dependency('python3'), link_args: py.get_variable('LIBPYTHON'))
    """,
    "guards for Windows": """
    deps = [py.dependency()]
    if host_machine.system() == 'windows'
      deps += py.dependency(embed: true)
    endif
    if host_machine.system() in ['windows', 'cygwin']
      deps += py.dependency(embed: true)
    endif
    if ['windows', 'cygwin', 'android'].contains(host_machine.system())
      deps += py.dependency(embed: true)
    endif
    if host_machine.system().startswith('win')
      deps += py.dependency(embed: true)
    endif
    if meson.get_compiler('c').get_id() == 'msvc'
      deps += py.dependency(embed: true)
    endif
    if is_windows
      deps += py.dependency(embed: true)
    endif
    py.extension_module('m', 'm.c', dependencies: deps)
    """,
    "embed only where it is needed": """
    py.extension_module('m', 'm.c', dependencies: py.dependency(embed: host_machine.system() == 'windows'))
    """,
    "embed as an option says": """
    py.extension_module('m', 'm.c', dependencies: py.dependency(embed: get_option('embed')))
    """,
    "comments and texts": """
    # py.extension_module('m', 'm.c', dependencies: py.dependency(embed: true))
    message('embed: true and -lpython3.11')
    text = '''
    py.extension_module('m', 'm.c', dependencies: py.dependency(embed: true))
    '''
    py.extension_module('m', 'm.c', dependencies: py.dependency())
    """,
    "headers of an embedding dependency only": """
    dep = py.dependency(embed: true).partial_dependency(compile_args: true, includes: true)
    py.extension_module('m', 'm.c', dependencies: dep)
    """,
    "look-alikes": """
    py.extension_module('m', 'm.c', link_args: ['-lboost_python311', '-lpython311', '-lpython2.7', '-L/usr/lib/python3.11'])
    """,
    "a variable that was given something else": """
    dep = py.dependency(embed: true)
    dep = py.dependency()
    py.extension_module('m', 'm.c', dependencies: dep)
    """,
    "a flag where no flags are listed": """
    py.extension_module('m', 'm.c', c_args: ['-DLIB="-lpython3.11"'], install_tag: '-lpython3.11')
    """,
    "an embedding dependency that nothing uses": """
    dep = py.dependency(embed: true)
    py.extension_module('m', 'm.c')
    """,
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_marked_lines_are_reported_and_no_others(name: str) -> None:
    text = HEAD + text_of({**REPORTED, **SILENT}[name])
    assert [(f.start.row, f.code) for f in found(text, "meson.build")] == marked(text)
    assert bool(marked(text)) == (name in REPORTED)


REWRITTEN = [
    ("py.dependency(required: false, embed: true)", "py.dependency(required: false)"),
    ("py.dependency(embed: true, required: false)", "py.dependency(required: false)"),
    ("dependency('python3-embed', required: true)", "dependency('python3', required: true)"),
    ("dependency('python-3.11-embed')", "dependency('python-3.11')"),
    ("declare_dependency(link_args: '-lpython3.11')", "declare_dependency()"),
    ("declare_dependency(link_args: ['-lpython3.11'])", "declare_dependency(link_args: [])"),
    (
        "declare_dependency(link_args: '-lm -lpython3.11'.split())",
        "declare_dependency(link_args: '-lm'.split())",
    ),
    ("[cc.find_library('python3.11'), foo]", "[foo]"),
    (
        "run_command('python3-config', '--ldflags', '--embed').stdout().split()",
        "run_command('python3-config', '--ldflags').stdout().split()",
    ),
]


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_a_safe_fix_takes_the_embedding_half_out(before: str, after: str) -> None:
    link = "link_args" if "config" in before else "dependencies"
    text = HEAD + f"x = {before}\npy.extension_module('m', 'm.c', {link}: x)\n"
    assert fixed(text, "meson.build", unsafe=False) == text.replace(before, after)


def test_an_added_flag_goes_with_its_statement() -> None:
    text = HEAD + "args = []\nargs += '-lpython3.11'\npy.extension_module('m', link_args: args)\n"
    expected = text.replace("args += '-lpython3.11'\n", "")
    assert fixed(text, "meson.build") == expected


KEPT = {
    "a program uses it": "executable('app', 'app.c', dependencies: dep)",
    "a folder cannot be read": "subdir('src')",
    "it is handed on": "meson.override_dependency('x', dep)",
    "pkg-config gets it": "import('pkgconfig').generate(libraries: dep)",
}


@pytest.mark.parametrize("line", KEPT.values(), ids=KEPT)
def test_nothing_is_changed_where(line: str) -> None:
    text = HEAD + "dep = py.dependency(embed: true)\n"
    text += f"py.extension_module('m', 'm.c', dependencies: dep)\n{line}\n"
    (finding,) = found(text, "meson.build")
    assert finding.fix is None
    assert finding.no_fix_reason


def _project(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_setting_is_followed_into_a_folder(tmp_path: Path) -> None:
    setting = "dep = py.dependency(embed: true)\n"
    _project(
        tmp_path,
        {
            "meson.build": HEAD + setting + "subdir('src')\n",
            "src/meson.build": "py.extension_module('m', 'm.c', dependencies: dep)\n",
        },
    )
    root, inner = tmp_path / "meson.build", tmp_path / "src" / "meson.build"
    assert [f.start.row for f in api.check_bytes(root.read_bytes(), str(root))] == [3]
    assert api.check_bytes(inner.read_bytes(), str(inner)) == []
    result = api.fix_bytes(root.read_bytes(), str(root), unsafe=False)
    assert b"py.dependency()" in result.data


def test_a_folder_uses_what_its_parent_knows(tmp_path: Path) -> None:
    _project(
        tmp_path,
        {
            "meson.build": HEAD + "windows = host_machine.system() == 'windows'\nsubdir('src')\n",
            "src/meson.build": "if windows\n  deps = py.dependency(embed: true)\n"
            "else\n  deps = []\nendif\npy.extension_module('m', 'm.c', dependencies: deps)\n",
        },
    )
    inner = tmp_path / "src" / "meson.build"
    assert api.check_bytes(inner.read_bytes(), str(inner)) == []


BROKEN = [
    "x = 'py.dependency(embed: true)\n",
    "x = py.dependency(embed: true\n",
    "x = py.dependency(embed: true]\n",
    'x = py.dependency("embed")\n',
    "if embed\n",
    "endif # python\n",
    "x = = python\n",
    "1 = python\n",
    "py.embed\n",
    "(" * 200 + "python",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_is_told_of_and_not_changed(text: str) -> None:
    (finding,) = found(text, "meson.build")
    assert finding.code == "NLP900"
    assert finding.message.startswith(("not valid Meson: ", "nested"))
    assert fixed(text, "meson.build") == text


def test_tokens_joined_are_the_text() -> None:
    text = "x = '''a\r\nb''' # c\r\ny = f'@x@' + \\\n  [1, 0x2]\n"
    assert "".join(token.text for token in tokens(text)) == text


@pytest.mark.parametrize(
    ("lines", "is_safe"),
    [
        ("assert(dep.name() == 'python3-embed')\n", False),
        ("prefix = dep.get_variable(pkgconfig: 'prefix')\n", False),
        ("prefix = dep . get_pkgconfig_variable('prefix')\n", False),
        ("message(dep.version())\nassert(dep.found())\n", True),
        ("message(other.name())\nx = get_variable('y')\n", True),
    ],
)
@pytest.mark.parametrize("made", ["dependency('python3-embed')", "py.dependency(embed: true)"])
def test_a_dependency_that_is_asked_about_is_not_changed_safely(
    made: str, lines: str, is_safe: bool
) -> None:
    text = (
        "project('a', 'c')\npy = import('python').find_installation()\n"
        f"dep = {made}\npy.extension_module('a', 'a.c', dependencies: dep)\n{lines}"
    )
    (finding,) = found(text, "meson.build")
    assert finding.fix is not None
    assert (finding.fix.applicability.value == "safe") is is_safe
