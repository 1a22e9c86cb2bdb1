"""Python texts that are meant to crash, stall or fill whoever analyses them.

Each opens libpython in its last lines, or would if anybody could follow it.
"""

from __future__ import annotations

HEAD = "import ctypes\n"
LIBRARY = '"libpython3.11.so"'


def load(name: str = LIBRARY) -> str:
    return f"api = ctypes.PyDLL({name})\napi.PyErr_Clear()\n"


def _chain(first: str, step: str, count: int = 400) -> str:
    """Return definitions that each name the one before twice."""
    return HEAD + first + "".join(step.format(n=n, m=n - 1) for n in range(1, count + 1))


def _case(pattern: str, before: str = "") -> str:
    """Return a ``match`` statement of one pattern."""
    return f"match x:\n {before}case {pattern}: pass\n"


def nested_loops(count: int) -> str:
    """Return loops of which the innermost uses what it bound when it ran before."""
    outer = (
        f"{' ' * n}b{n} = 0\n{' ' * n}while a{n}:\n{' ' * n} b{n} = 1\n" for n in range(count - 1)
    )
    begin = "".join(outer) + " " * (count - 1)
    inner = [
        "x = 'libm.so.6'\n",
        f"while a{count}:\n",
        " ctypes.PyDLL(x).Py_X()\n",
        f" x = {LIBRARY}\n",
    ]
    return HEAD + begin + (" " * (count - 1)).join(inner)


#: Too deep, too large or too slow: told in one line as NLP900, and nothing else.
REFUSED = {
    "3,000 nested parentheses": HEAD + "x = " + "(" * 3000 + "1" + ")" * 3000 + "\n" + load(),
    "3,000 nested brackets": HEAD + "x = " + "[" * 3000 + "]" * 3000 + "\n" + load(),
    "100,000 open parentheses": HEAD + load() + "x = " + "(" * 100_000 + "\n",
    "a sum of 20,000 terms": HEAD
    + "x = "
    + "+".join(['"a"'] * 20_000)
    + "\n"
    + load(f"x + {LIBRARY}"),
    "20,000 attributes": HEAD + "x = a" + ".b" * 20_000 + "\n" + load(),
    "5,000 calls of calls": HEAD + "x = a" + "()" * 5000 + "\n" + load(),
    "5,000 nots": HEAD + "x = " + "not " * 5000 + "1\n" + load(),
    "5,000 minus signs": HEAD + "x = " + "-" * 5000 + "1\n" + load(),
    "5,000 lambdas": HEAD + "x = " + "lambda: " * 5000 + "1\n" + load(),
    "5,000 choices": HEAD + "x = " + "a if b else " * 5000 + "1\n" + load(),
    "20,000 ors": HEAD + "x = " + "a or " * 20_000 + '"libpython3.11.so"\n' + load("x"),
    "3,000 branches of elif": HEAD
    + "if a: x = 1\n"
    + "".join(f'elif b{n}: x = "libpython3.{n}.so"\n' for n in range(3000))
    + load("x"),
    "20,000 texts one after the other": HEAD
    + "x = ("
    + "'a' " * 20_000
    + ")\n"
    + load(f"x + {LIBRARY}"),
    "a list of 200,000 names": HEAD
    + f"x = [{(LIBRARY + ', ') * 200_000}]\nfor n in x:\n    ctypes.PyDLL(n).Py_X()\n",
    "150,000 lines of calls": HEAD + load() + "f(a, b, c=d)\n" * 150_000,
    "100,000 statements on a line": HEAD + load() + "x = 1;" * 100_000 + "\n",
    "16 MB of code": HEAD + load() + "z = 1\n" * (16 * 1024 * 1024 // 6 - 100),
    "17 MB of text": HEAD + load() + "x = '" + "y" * (17 * 1024 * 1024) + "'\n",
    "a NUL byte": HEAD + "\0" + load(),
}

#: Small, and without bounds exponential or endless: read to the end, one load found.
FOUND = {
    "150 nested parentheses": HEAD + "x = " + "(" * 150 + "1" + ")" * 150 + "\n" + load(),
    "a sum of 1,400 terms": HEAD + "x = " + "+".join(['"a"'] * 1400) + "\n" + load(),
    "a form feed": HEAD + "\f\n" + load(),
    "a lone carriage return": HEAD + "x = 1\ry = 2\n" + load(),
    "1,400 nots": HEAD + "x = " + "not " * 1400 + "1\n" + load(),
    "4 MB of comment": HEAD + load() + "#" + "y" * (4 * 1024 * 1024 - 200) + "\n",
    "4 MB in one text": HEAD + load() + "x = '" + "y" * (4 * 1024 * 1024 - 200) + "'\n",
    "90 nested functions": HEAD
    + "".join(" " * n + f"def f{n}(a{n}={LIBRARY}):\n" for n in range(90))
    + " " * 90
    + "return ctypes.PyDLL(a3).Py_X()\n",
    "9 nested loops": nested_loops(9),
    "18 nested tries": HEAD
    + "".join(" " * n + "try:\n" for n in range(18))
    + " " * 18
    + f"ctypes.PyDLL({LIBRARY}).Py_X()\n"
    + "".join(
        f"{' ' * n}except E:\n{' ' * n} x = 1\n{' ' * n}finally:\n{' ' * n} y = 2\n"
        for n in reversed(range(18))
    ),
    "a helper that calls itself thrice": HEAD
    + "def f(n):\n"
    + "".join(f"    if n == {n}: return f(n-1) + f(n-2) + f(n-3)\n" for n in range(50))
    + f"    return {LIBRARY}\n"
    + load("f(50)"),
    "a generator that yields from itself": HEAD
    + f"def g():\n    yield from g()\n    yield {LIBRARY}\n"
    + load("next(g())"),
    "a list that is in itself": HEAD
    + f"x = []\nx.append(x)\nx.append({LIBRARY})\nx.extend(x)\n"
    + load(),
    "classes that inherit from each other": HEAD
    + "class A(B): pass\nclass B(A): pass\nclass C(C): pass\n"
    + load(),
    "words of suppressions without end": HEAD + "#" + " noqa" * 100_000 + "\n" + load(),
}

FOUND |= {
    f"a mark's condition, {name}": HEAD
    + f"import pytest\n@pytest.mark.skipif({text!r})\ndef test_a():\n    "
    + load().replace("\n", "\n    ", 1)
    for name, text in {
        "5,000 parentheses": "(" * 5000 + "a" + ")" * 5000,
        "3,000 calls": "a(" * 3000 + ")" * 3000,
        "50,000 times not": "not " * 50_000 + "a",
        "100,000 signs": "-" * 100_000 + "a",
        "half of a surrogate pair": "a == '\ud800'",
        "no expression": "import a",
    }.items()
}

#: Nobody can know what these open; they end without a word.
SILENT = {
    "6,000 functions that call and hand on each other": HEAD
    + "".join(f"def f{n}(a, b):\n    return f{n + 1}(a, f{n * 7 % 3000})\n" for n in range(6000))
    + 'ctypes.CDLL(y)\nx = "python3"\n',
    "4,000 names of several functions": HEAD
    + "".join(
        f"a{n} = (a{n + 1}, a{n * 7 % 3000}, f{n})\ndef f{n}(b): return b\n" for n in range(4000)
    )
    + 'ctypes.CDLL(y)\nx = "python3"\n',
    "texts that double": _chain("x0 = 'libpython'\n", "x{n} = x{m} + x{m}\n") + load("x400"),
    "lists that double": _chain(f"x0 = [{LIBRARY}]\n", "x{n} = x{m} + x{m}\n") + load("x400[0]"),
    "tuples in tuples": _chain(f"x0 = ({LIBRARY},)\n", "x{n} = (x{m}, x{m})\n")
    + load("x400[0][0]"),
    "dictionaries in dictionaries": _chain(
        f"x0 = {{'a': {LIBRARY}}}\n", "x{n} = {{'a': x{m}, 'b': x{m}}}\n"
    )
    + load("x400['a']"),
    "functions that call twice": _chain(
        f"def f0(): return {LIBRARY}\n", "def f{n}(): return f{m}() + f{m}()\n"
    )
    + load("f400()"),
    "functions of functions": _chain("def f0(a): return a\n", "def f{n}(a): return f{m}(f{m}(a))\n")
    + load(f"f400({LIBRARY} + sys.argv[1])"),
    "partials of partials": "import functools\n"
    + _chain("x0 = ctypes.CDLL\n", "x{n} = functools.partial(x{m}, x{m})\n")
    + load("x400()"),
    "numbers that double": _chain("x0 = 9\n", "x{n} = x{m} + x{m}\n", 20_00) + load("str(x2000)"),
    "names that mean each other": HEAD
    + "a = b\nb = a\nx = x\nwhile c:\n    a, b = b, a\n    y = a + y\n"
    + load("a")
    + load("y"),
    "functions that call each other": HEAD
    + "def f(): return g()\ndef g(): return f()\n"
    + load("f()"),
    "a decorator that decorates itself": HEAD + "@d\ndef d(f): return d(f)\n" + load("d('x')"),
    "a property that is itself": HEAD
    + "class A:\n    @property\n    def x(self): return self.x\n"
    + "    def __init__(self): self.y = self.x + self.y\n"
    + load("A().x")
    + load("A().y"),
    "a function applied to itself": HEAD + load("(lambda f: f(f))(lambda f: f(f))"),
    "a text of a gigabyte": HEAD
    + load("'a' * 10**9")
    + load('"%999999999d" % 3')
    + load('"{:>999999999}".format(3)')
    + load('f"{3:999999999}"')
    + load('"a".ljust(999999999)')
    + load('"a".zfill(999999999)')
    + load('"\\t".expandtabs(999999999)')
    + load('"a".replace("", "b" * 4000)'),
    "texts that grow by replacing": HEAD
    + "x = 'a'\n"
    + "x = x.replace('a', 'aaaaaaaaaaaaaaaa')\n" * 30
    + load("x"),
    "numbers of any size": HEAD + load('f"{9**9**9**9}"') + load('f"{1 << 99999999999}"'),
    "a name of two megabytes": HEAD + load('"' + "libpython" * 200_000 + '.so"'),
    "a version of two megabytes": HEAD + load('"libpython3' + ".1" * 200_000 + '.so"'),
    "a pattern of many stars": HEAD
    + "import glob\n"
    + load('glob.glob("' + "*a" * 1000 + 'libpython3*.s")[0]'),
}

#: A limit ends the search for what these open, which is told; the first two perhaps in time.
CUT_OFF = {
    name: SILENT.pop(name)
    for name in (
        "6,000 functions that call and hand on each other",
        "4,000 names of several functions",
        "lists that double",
        "functions that call twice",
        "functions of functions",
        "texts that double",
        "tuples in tuples",
        "a name of two megabytes",
        "a version of two megabytes",
    )
}

#: libcst's parser, which cannot be interrupted, would take from half a minute to years.
CUT_OFF |= {
    "chains of 1,400 subscripts": HEAD + load() + f"x = a{'[a]' * 1400}\n" * 16,
    "chains of 1,400 calls": HEAD + load() + f"x = a{'()' * 1400}\n" * 22,
    "calls in 90 calls": HEAD + load() + f"x = {'a(' * 90}{')' * 90}\n" * 240,
    "a pattern in 30 tuples": HEAD + load() + _case(f"{'(' * 30}a{',)' * 30}"),
    "a pattern in 60 parentheses": HEAD + load() + _case(f"{'(' * 60}a{')' * 60}"),
    "a pattern of 60 classes": HEAD + load() + _case("a(" * 60 + ")" * 60),
    "a pattern behind a continued line": HEAD + load() + _case("(" * 60 + "a" + ")" * 60, "\\\n "),
}
REFUSED |= {
    "a pattern in 60 parentheses before a mistake": HEAD
    + load()
    + _case(f"{'(' * 60}a{')' * 60}")
    + "x = = 1\n",
    "a mistake in 60 parentheses that are deleted": HEAD
    + load()
    + f"if a: del {'(' * 60}b c{')' * 60}\n",
    "chains of 1,200 subscripts before a mistake": HEAD
    + load()
    + f"x = a{'[a]' * 1200}\n" * 16
    + "x = = 1\n",
}
FOUND |= {
    "patterns of classes in classes": HEAD
    + "match a:\n"
    + " case A(b=B(c=[C(d={1: (e, f)}), *_])) | D() if f(g(h(i(j(k(1)))))): pass\n" * 60
    + load(),
    "a chain of 90 methods": HEAD + f"x = a{'.b(c=1)' * 90}\n" + load(),
}

#: For whom it is all the same which rows they fall on: many comments, each of one line.
COMMENTS = {
    "5,000 lines with a suppression": "x = 1  # noqa: NLP101\n" * 5000,
    "5,000 suppressions of ours": "# nolibpy: ignore[NLP101]\n" * 5000,
    "5,000 suppressions on a line": "x = 1 " + "# noqa: NLP101 " * 5000 + "\n",
    "an open text with suppressions": 'x = """' + 'a\\"' * 200_000 + "# noqa: NLP101\n",
    "a million quotes": "'" * 1_000_001 + "# noqa: NLP101\n",
    "a text of backslashes": "x = '" + "\\\\" * 500_000 + "'  # noqa: NLP101\n",
    "5,000 suppressions of the file": "# nolibpy: ignore-file[NLP101]\n" * 5000,
}
