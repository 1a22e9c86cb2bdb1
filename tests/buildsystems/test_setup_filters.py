"""Lists of libraries that `setup.py` filters, sorts or copies on their way to an extension."""

from __future__ import annotations

import pytest

from tests.buildsystems.rewriting import fixed, found

HEAD = "import itertools, os, sys\nfrom setuptools import Extension, setup\n"
LIBS = 'libs = ["m", "python3.11"]\n'
SETUP = 'setup(ext_modules=[Extension("x", ["x.c"], libraries={})])\n'

#: What is given to the extension: libpython is among it, and goes from the list.
KEPT = [
    "[l for l in libs if l]",
    '[l for l in libs if l != "z"]',
    '[l for l in libs if l not in ("z", "dl")]',
    "[l for l in libs if l not in SKIPPED]",
    '[l for l in libs if not l.startswith("boost")]',
    '[l for l in libs if not l.endswith("_static") and l]',
    '[l for l in libs if "boost" not in l]',
    '[l for l in libs if l != "z" if sys.platform != "win32"]',
    '{l for l in libs if l != "z" or DEBUG}',
    "list(filter(None, libs))",
    "list(filter(lambda l: l, libs))",
    'list(filter(lambda name: name != "z", libs))',
    "list(map(str, libs))",
    "list(map(str.strip, libs))",
    "sorted(libs)",
    "sorted(set(libs))",
    "list(dict.fromkeys(libs))",
    'libs + ["z"]',
    '["z"] + libs',
    '["z", *libs]',
    "libs[:]",
    'list(itertools.chain(libs, ["z"]))',
]
#: What lets none, or perhaps none, of libpython's names through.
DROPPED = [
    '[l for l in libs if l != "python3.11"]',
    '[l for l in libs if l not in ("z", "python3.11")]',
    '[l for l in libs if not l.startswith("py")]',
    '[l for l in libs if not l.endswith("3.11")]',
    '[l for l in libs if "python" not in l]',
    '[l for l in libs if l == "m"]',
    '[l for l in libs if l in ("m", "z")]',
    '[l for l in libs if l.startswith("boost")]',
    '[l for l in libs if sys.platform == "win32"]',
    '[l for l in libs if l and sys.platform == "win32"]',
    "[l for l in libs if os.path.exists(l)]",
    "[l for l in libs if l not in os.environ]",
    'list(filter(lambda l: "python" not in l, libs))',
    "list(filter(is_there, libs))",
    "list(map(find, libs))",
]


@pytest.mark.parametrize("given", KEPT)
def test_a_filtered_list_holds_libpython(given: str) -> None:
    text = f'{HEAD}SKIPPED = ("z", "dl")\n{LIBS}{SETUP.format(given)}'
    (finding,) = found(text, "setup.py")
    assert (finding.code, finding.start.row) == ("NLP201", 4)
    after = fixed(text, "setup.py", unsafe=False)
    assert after == text.replace(', "python3.11"]', "]")
    assert found(after, "setup.py") == []


@pytest.mark.parametrize("given", DROPPED)
def test_a_list_without_libpython_is_not_reported(given: str) -> None:
    assert found(HEAD + LIBS + SETUP.format(given), "setup.py") == []
