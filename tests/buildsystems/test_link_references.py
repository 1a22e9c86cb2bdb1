"""What refers to libpython is known by one name in every build language."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api

#: File name and text of an extension module's build; ``{}`` is a package of pkg-config.
PACKAGE = {
    "CMake": (
        "CMakeLists.txt",
        (
            "pkg_check_modules(PY {})\nadd_library(m MODULE m.c)\n"
            "target_link_libraries(m ${{PY_LIBRARIES}})\n"
        ),
    ),
    "Meson": (
        "meson.build",
        (
            "py = import('python').find_installation()\n"
            "py.extension_module('m', 'm.c', dependencies: dependency('{}'))\n"
        ),
    ),
    "Make": ("Makefile", "m.abi3.so: m.c\n\tcc -shared $< -o $@ `pkg-config --libs {}`\n"),
    "shell": ("build.sh", "cc -shared m.c -o m.abi3.so $(pkg-config --libs {})\n"),
    "setup.py": (
        "setup.py",
        (
            "import os\nfrom setuptools import Extension, setup\n"
            "flags = os.popen('pkg-config --libs {}').read().split()\n"
            "setup(ext_modules=[Extension('m', ['m.c'], extra_link_args=flags)])\n"
        ),
    ),
}
#: The same; ``{}`` is a variable of sysconfig.
VARIABLE = {
    "CMake": (
        "CMakeLists.txt",
        (
            "execute_process(\n"
            "  COMMAND python3 -c \"import sysconfig; print(sysconfig.get_config_var('{}'))\"\n"
            "  OUTPUT_VARIABLE LIB)\n"
            "add_library(m MODULE m.c)\ntarget_link_libraries(m ${{LIB}})\n"
        ),
    ),
    "Meson": (
        "meson.build",
        (
            "py = import('python').find_installation()\n"
            "py.extension_module('m', 'm.c', link_args: [py.get_variable('{}')])\n"
        ),
    ),
    "Make": (
        "Makefile",
        (
            "m.abi3.so: m.c\n\tcc -shared $< -o $@ "
            "`python3 -c \"import sysconfig; print(sysconfig.get_config_var('{}'))\"`\n"
        ),
    ),
    "setup.py": (
        "setup.py",
        (
            "import sysconfig\nfrom setuptools import Extension, setup\n"
            "flags = [sysconfig.get_config_var('{}')]\n"
            "setup(ext_modules=[Extension('m', ['m.c'], extra_link_args=flags)])\n"
        ),
    ),
}
#: The same; ``{}`` is the suffix of a file that is linked to libpython.
SUFFIX = {
    "CMake": (
        "CMakeLists.txt",
        (
            "add_library(m SHARED m.c)\n"
            'set_target_properties(m PROPERTIES PREFIX "" SUFFIX "{}")\n'
            "target_link_libraries(m Python3::Python)\n"
        ),
    ),
    "Make": ("Makefile", "m{}: m.c\n\tcc -shared $< -o $@ -lpython3.11\n"),
    "Meson": (
        "meson.build",
        (
            "dep = dependency('python3-embed')\n"
            "shared_module('m', 'm.c', name_prefix: '', name_suffix: '{}', dependencies: dep)\n"
        ),
    ),
    "SCons": (
        "SConstruct",
        (
            "env = Environment()\n"
            "env.SharedLibrary('m', ['m.c'], SHLIBSUFFIX='{}', LIBS=['python3.11'])\n"
        ),
    ),
}


def is_reported(file: tuple[str, str], reference: str) -> bool:
    name, text = file
    return bool(api.check_bytes(text.format(reference).encode(), name))


@pytest.mark.parametrize("language", PACKAGE)
@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ("python3-embed", True),
        ("python-3.13-embed", True),
        ("python-3.13d-embed", True),
        ("python-3.13t-embed", True),
        ("python-3.13td-embed", True),
        ("python-3.8-dbg-embed", True),
        ("python-3.13d", False),
        ("python3", False),
        ("python3-embedded", False),
        ("python3-embed-extra", False),
        ("pythonqt-embed", False),
        ("xpython3-embed", False),
    ],
)
def test_a_package_for_embedding(language: str, package: str, expected: bool) -> None:
    assert is_reported(PACKAGE[language], package) is expected


@pytest.mark.parametrize("language", VARIABLE)
@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("LDLIBRARY", True),
        ("BLDLIBRARY", True),
        ("INSTSONAME", True),
        ("LIBPYTHON", False),
        ("LDVERSION", False),
        ("LIBDIR", False),
    ],
)
def test_a_variable_that_names_libpython(language: str, variable: str, expected: bool) -> None:
    assert is_reported(VARIABLE[language], variable) is expected


@pytest.mark.parametrize("language", SUFFIX)
@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        (".cpython-313-x86_64-linux-gnu.so", True),
        (".abi3.so", True),
        (".abi3t.so", True),
        (".pypy310-pp73-x86_64-linux-gnu.so", True),
        (".graalpy-311-native-x86_64-linux.so", True),
        (".so", False),
        (".so.1", False),
    ],
)
def test_a_suffix_of_extension_modules(language: str, suffix: str, expected: bool) -> None:
    assert is_reported(SUFFIX[language], suffix) is expected


@pytest.mark.parametrize("version", ["{v}", "3.{v}", "{v}.{w}", "{v}d"])
def test_a_package_whose_version_is_computed(version: str) -> None:
    text = PACKAGE["setup.py"][1].format(f"python-{version}-embed").replace("'pkg", "f'pkg")
    fixed = api.fix_bytes(text.encode(), "setup.py", unsafe=True).data.decode()
    assert fixed == text.replace("-embed", "")
