"""``setup.py`` files that run the compiler themselves for their extension modules."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import found, marked, text_of

REPORTED = {
    "an environment that is copied and filled": """
    import sys
    import sysconfig


    class Env:
        def __init__(self, cc=(), ldflags=(), ldpaths=()):
            self.cc, self.ldflags, self.ldpaths = list(cc), list(ldflags), list(ldpaths)

        def copy(self):
            return Env(self.cc, self.ldflags, self.ldpaths)


    env = Env(["cc"], ["-shared"])


    def python_flags():
        libs = []
        version = sysconfig.get_config_var("VERSION")
        libs += [f"-lpython{version}{sys.abiflags}"]  # expect: NLP201
        return libs


    def band_env():
        ans = env.copy()
        ans.ldpaths += python_flags() + ["-lm"]
        return ans


    def compile_c_extension(kenv, module, objects):
        dest = module + ".so"
        run(kenv.cc + kenv.ldflags + objects + kenv.ldpaths + ["-o", dest])


    compile_c_extension(band_env(), "band", ["band.o"])
    """,
    "one list": """
    import subprocess
    def build_extension(name, link_args):
        subprocess.check_call(["gcc", "-shared", "-o", name + ".so", "x.o", "-lpython3.11"])  # expect: NLP201
    build_extension("x", [])
    """,
    "an unpacked list": """
    import subprocess
    LDFLAGS = ["-lm", "-lpython3.11"]  # expect: NLP201
    def link_ext(name):
        subprocess.run(["cc", "-shared", "x.o", *LDFLAGS, "-o", name], check=True)
    link_ext("tune.abi3.so")  # extension(
    """,
    "a command in parts": """
    link_args = ["-lpython3.11"]  # expect: NLP201
    def make_extension(name):
        cmd = ["cc", "-bundle"] + ["x.o"]
        cmd = cmd + link_args + ["-o", name]
        run(cmd)
    make_extension("x.so")
    """,
}
SILENT = {
    "a launcher beside the extension": """
    link_args = ["-lpython3.11"]
    def build_launcher():
        run(["cc"] + ["main.o"] + link_args + ["-o", "launcher"])
    def build_extension(name):
        run(["cc", "-shared"] + ["x.o"] + ["-lm"] + ["-o", name])
    build_launcher()
    build_extension("x.so")
    """,
    "a function that compiles": """
    link_args = ["-lpython3.11"]
    def build_extension(name):
        run(["cc", "-c", "x.c"] + link_args + ["-o", name])
    build_extension("x.o")
    """,
    "no command line": """
    link_args = ["-lpython3.11"]
    def make_extension(name):
        return ["-o", name]
    print(link_args)
    make_extension("x.so")
    """,
    "a function with another name": """
    link_args = ["-lpython3.11"]
    def extension_of(name):
        run(["cc"] + link_args + ["-o", name])
    extension_of("x")
    """,
    "on Windows": """
    import sys
    link_args = ["-lm"]
    if sys.platform == "win32":
        link_args += ["-lpython3.11"]
    def build_extension(name):
        run(["cc", "-shared"] + link_args + ["-o", name])
    build_extension("x.so")
    """,
    "Cython's programs": """
    link_args = ["-lpython3.11"]
    def build_extension(name):
        run(["cython", "--embed"] + link_args + ["-o", name])
    build_extension("x.c")
    """,
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_command_line_of_an_extension_module(name: str) -> None:
    text = text_of({**REPORTED, **SILENT}[name])
    assert [(f.start.row, f.code) for f in found(text, "setup.py")] == marked(text)
    assert bool(marked(text)) == (name in REPORTED)
    # A program may be linked by another function, or by the same one.
    assert api.fix_bytes(text.encode(), "setup.py", unsafe=True).data == text.encode()
