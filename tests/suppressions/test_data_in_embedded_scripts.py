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
    **{
        f"a block of {key!r}": f"{key}|\n    b  {IDLE}\n"
        for key in (
            *("k : ", "&a k: ", "!t k: ", "? k\n: ", "k: &a ", "k: !!str &a ", "k l: ", "k#x: "),
            *('"k \\" x": ', "'k '' x': ", "k:x: ", "{a: b}: ", "k:\n  ", "k: # x\n  ", "--- "),
            *("k: !t\n  ", "- &x k: ", "- ? k\n  : ", "*a : ", "k,l: ", "$k: ", "-\n  "),
        )
    },
    "a block of a folded text": f"k : >-2  # c\n    b  {IDLE}\n",
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
#: A step's script, and where it stands, in which nobody knows what a ``#`` means.
_STEP = f"- run: |\n        echo  {IDLE}\n"
_SCRIPT = f"- script: |\n        echo  {IDLE}\n"
DATA |= {
    "a program for an action": f"steps:\n  - uses: a\n    with:\n      script: |\n        a  {IDLE}\n",
    "a program for a task": f"steps:\n  - task: a\n    inputs:\n      script: |\n        a  {IDLE}\n",
    "a shell that is not known": (
        f"steps:\n  - run: |\n      echo  {IDLE}\n    shell: ${{{{ inputs.shell }}}}\n"
    ),
    "a shell of each job": f"defaults:\n  run:\n    shell: ${{{{ s }}}}\nsteps:\n  {_STEP}",
    "another interpreter": (
        f"build:\n  script:\n    interpreter: python\n    content: |\n      a  {IDLE}\n"
    ),
    "an interpreter by its path": (
        f"steps:\n  - run:\n      shell: /usr/bin/python3\n      command: |\n        a  {IDLE}\n"
    ),
    "a machine in a variable": f"pool:\n  vmImage: $(image)\nsteps:\n  {_SCRIPT}",
    "a machine of one's own": f"pool:\n  name: Own\nsteps:\n  {_SCRIPT}",
    "a machine in braces": f"pool: {{vmImage: windows-latest}}\nsteps:\n  {_SCRIPT}",
    "labels of Windows": f"jobs:\n  a:\n    runs-on: [self-hosted, Windows]\n    steps:\n    {_STEP}",
    "labels of Windows in lines": (
        f"jobs:\n  a:\n    runs-on:\n    - self-hosted\n    - windows\n    steps:\n    {_STEP}"
    ),
    "tags of Windows": f"a:\n  tags: [shared-windows]\n  script:\n  - |\n    echo  {IDLE}\n",
    "an image of Windows": (
        f"jobs:\n  a:\n    machine:\n      image: windows-server\n    steps:\n    {_STEP}"
    ),
}


def _of_matrix(systems: str, *, machine: str = "${{ matrix.os }}", step: str = _STEP) -> str:
    """Return a workflow with a job for each system of a matrix."""
    matrix = f"strategy:\n      matrix:\n        os: {systems}\n"
    return f"jobs:\n  a:\n    {matrix}    runs-on: {machine}\n    steps:\n    {step}"


_BASH = "defaults:\n  run:\n    shell: bash\n"
_LISTED = "\n        - ubuntu-latest\n        - windows-latest"
_INCLUDED = "[]\n        include:\n        - os: linux\n        - os: windows-2022"
DATA |= {
    "a matrix with Windows": _of_matrix("[ubuntu-latest, windows-latest]"),
    "a matrix in lines": _of_matrix(_LISTED),
    "a matrix of rows": _of_matrix(_INCLUDED),
    "a matrix that is computed": _of_matrix("${{ fromJSON(inputs.systems) }}"),
    "a field of a matrix": _of_matrix("[a]", machine="${{ matrix.os.name }}"),
    "a machine of an input": _of_matrix("[a]", machine="${{ inputs.machine }}"),
    "a machine by a condition": _of_matrix("[a]", machine="${{ a && 'ubuntu' || 'windows' }}"),
    "any machine of one's own": _of_matrix("[a]", machine="self-hosted"),
    "a group of machines": _of_matrix("[a]", machine="\n      group: a"),
    "PowerShell for a job": _BASH
    + _of_matrix("[windows-latest, a]").replace(
        "    steps", "    defaults:\n      run:\n        shell: pwsh\n    steps"
    ),
    "a shell of another step": _of_matrix(
        "[windows-latest, a]", step=f"- shell: bash\n      run: ls\n    {_STEP}"
    ),
}
JUDGED |= {
    "a matrix without Windows": _of_matrix("[ubuntu-latest, macos-14]"),
    "rows without Windows": _of_matrix(_INCLUDED.replace("windows-2022", "ubuntu-22.04")),
    "a version of a matrix": _of_matrix("[22.04]", machine="ubuntu-${{ matrix.os }}"),
    "a shell for all jobs": _BASH + _of_matrix("[windows-latest, ubuntu-latest]"),
    "a shell for a job": _of_matrix("[windows-latest, ubuntu-latest]").replace(
        "    steps", "    defaults:\n      run:\n        shell: bash\n    steps"
    ),
    "a shell for the step": _of_matrix(
        "[windows-latest, a]", step=f"- shell: bash\n      {_STEP.removeprefix('- ')}"
    ),
    "a container": _of_matrix("[a]", machine="${{ inputs.a }}\n    container: debian:12"),
    "a container with options": _of_matrix(
        "[a]", machine="${{ inputs.a }}\n    container:\n      image: debian:12"
    ),
    "labels in lines": _of_matrix("[a]", machine="\n    - self-hosted\n    - Linux"),
}
JUDGED |= {
    "a shell by its path": f"steps:\n  - run: |\n      echo  {IDLE}\n    shell: /bin/bash -e {{0}}\n",
    "an interpreter that is a shell": (
        f"build:\n  script:\n    interpreter: bash\n    content: |\n      a  {IDLE}\n"
    ),
    "a machine with Linux": f"pool:\n  vmImage: ubuntu-latest\nsteps:\n  {_SCRIPT}",
    "labels of Linux": f"jobs:\n  a:\n    runs-on: [self-hosted, linux]\n    steps:\n    {_STEP}",
    "tags of another job": (
        f"b:\n  tags: [windows]\na:\n  tags:\n  - linux\n  script:\n  - |\n    echo  {IDLE}\n"
    ),
    "tags of a push": f"on:\n  push:\n    tags: ['windows-*']\njobs:\n  a:\n    steps:\n    {_STEP}",
    "systems in a list": f"os: [linux, windows]\nscript:\n  - |\n    echo  {IDLE}\n",
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
