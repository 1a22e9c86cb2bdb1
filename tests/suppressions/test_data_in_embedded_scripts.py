"""NLP901 in YAML and RPM specs: real comments are judged, what may be data is not."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api

IDLE = "# nolibpy: ignore[NLP201]"
JUDGED = {
    "comment of YAML": f"jobs:  {IDLE}\n  a: 1\n",
    "line of YAML": f"{IDLE}\njobs:\n  a: 1\n",
    "behind a text": f'jobs:\n  a: "1 # 2"  {IDLE}\n',
    "behind a command": f"steps:\n  - run: make  {IDLE}\n",
    "in a script": f"steps:\n  - run: |\n      make  {IDLE}\n      make install\n",
    "behind a here-document": (
        f"steps:\n  - run: |\n      cat > a <<EOF\n      b\n      EOF\n      make  {IDLE}\n"
    ),
    "a script of a Unix shell": (
        f"jobs:\n  a:\n    steps:\n    - shell: bash\n      run: |\n        echo  {IDLE}\n"
    ),
    "behind an expression": f"steps:\n  - run: |\n      make ${{{{ a || 'b' }}}}  {IDLE}\n",
    "below a text of several lines": f'a: "one\n  two"\nb: 1  {IDLE}\n',
}
DATA = {
    "double quotes": f'jobs:\n  a: "make {IDLE} 1"\n',
    "single quotes": f"jobs:\n  a: 'make {IDLE} 1'\n",
    "a key in quotes": f'jobs:\n  "a {IDLE} b": 1\n',
    "a list": f'jobs: [1, "make {IDLE} 1"]\n',
    "quotes over lines": f'jobs:\n  a: "one\n    two {IDLE} two\n    three"\n',
    "a quoted command": f'steps:\n  - run: "make {IDLE} 1"\n',
    "a here-document": f"steps:\n  - run: |\n      cat > a <<EOF\n      b  {IDLE}\n      EOF\n",
    "a quotation of a script": f"steps:\n  - run: |\n      echo 'a\n      b {IDLE}\n      c'\n",
    "a value": f"jobs:\n  a: |\n    b  {IDLE}\n",
    **{
        f"a script of {shell}": (
            f"jobs:\n  a:\n    steps:\n    - shell: {shell}\n      run: |\n        echo  {IDLE}\n"
        )
        for shell in ("cmd", '"cmd"', "pwsh", "python", "node {0}", "perl {0}")
    },
    "a script of Windows": (
        f"jobs:\n  a:\n    runs-on: windows-latest\n    steps:\n    - run: |\n        echo  {IDLE}\n"
    ),
}
SPEC_JUDGED = {
    "a tag": f"{IDLE}\nName: a\n",
    "a script": f"Name: a\n%build\nmake  {IDLE}\n",
    "behind a here-document": f"Name: a\n%install\ncat > a <<EOF\nb\nEOF\n{IDLE}\nmake\n",
    "behind macros": f"%build\n%if 0%{{?suse_version}}\n%{{make_build}} -C %(pwd)  {IDLE}\n%endif\n",
    "files": f"%files\n{IDLE}\n/usr/bin/a\n",
}
SPEC_DATA = {
    "a here-document": f"%install\ncat > a <<EOF\nb  {IDLE}\nEOF\n",
    "a quoted here-document": f"%install\ncat > a <<-'EOF'\n\tb\n\t{IDLE}\n\tEOF\n",
    "a quotation": f"%install\necho 'a\n{IDLE}\n' > a\n",
    "a description": f"%description\n{IDLE}\n",
    "a log of changes": f"%changelog\n- b\n{IDLE}\n",
    "a tag's text": f"Summary: a {IDLE} b\n",
}
CASES = [
    *((".github/workflows/a.yml", text, True) for text in JUDGED.values()),
    *((".github/workflows/a.yml", text, False) for text in DATA.values()),
    *(("a.spec", text, True) for text in SPEC_JUDGED.values()),
    *(("a.spec", text, False) for text in SPEC_DATA.values()),
]
NAMES = [*JUDGED, *DATA, *SPEC_JUDGED, *SPEC_DATA]


@pytest.mark.parametrize(("name", "text", "is_judged"), CASES, ids=NAMES)
def test_what_is_judged(name: str, text: str, is_judged: bool) -> None:
    found = [one.code for one in api.check_bytes(text.encode(), name)]
    assert found == (["NLP901"] if is_judged else [])


def test_a_comment_in_data_still_suppresses() -> None:
    link = "gcc -shared -o a.cpython-311-x86_64-linux-gnu.so a.o -lpython3.11"
    text = f"steps:\n  - run: |\n      sh -e <<EOF\n      {link}\n      EOF\n      {link}"
    assert [
        one.code for one in api.check_bytes(f"{text}\n".encode(), ".github/workflows/a.yml")
    ] == ["NLP201"]
    assert not api.check_bytes(f"{text}  {IDLE}\n".encode(), ".github/workflows/a.yml")
