"""Libraries picked out of what lists them: ``ldd``, the maps of a process, and the like."""

from __future__ import annotations

import textwrap

import pytest

from no_libpython_dlopen.engine import api

LDD = 'subprocess.check_output(["ldd", sys.executable], text=True)'
IMPORTS = "import ctypes, os, re, subprocess, sys\nfrom pathlib import Path\n"

FOUND = {
    "ldd, a line": f"""
        for line in {LDD}.splitlines():
            if "libpython" in line:
                lib = ctypes.CDLL(line.split()[2])
        """,
    "ldd, an expression": f"""
        found = re.search(r"libpython[^ ]* => (\\S+)", {LDD})
        lib = ctypes.CDLL(found.group(1))
        """,
    "ldd, a helper": """
        def find():
            result = subprocess.run(["ldd", str(Path(sys.executable))], capture_output=True, text=True)
            for line in result.stdout.splitlines():
                if "libpython" in line and "=>" in line:
                    _, path = line.strip().split("=>")
                    return path.split("(")[0].strip()
            return None
        lib = ctypes.CDLL(find())
        """,
    "ldd, its bytes": """
        out = subprocess.run(["ldd", sys.executable], stdout=subprocess.PIPE).stdout
        names = [one for one in out.decode().splitlines() if one.strip().startswith("libpython")]
        lib = ctypes.CDLL(names[0].split()[0])
        """,
    "Popen, communicate": """
        process = subprocess.Popen(["ldd", sys.executable], stdout=subprocess.PIPE, text=True)
        out, _ = process.communicate()
        lib = ctypes.CDLL([one.split()[2] for one in out.splitlines() if "libpython" in one][0])
        """,
    "Popen, its lines": """
        process = subprocess.Popen(["ldd", sys.executable], stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            if "libpython" in line:
                lib = ctypes.CDLL(line.split("=>")[1].split("(")[0].strip())
        """,
    "os.popen": """
        for line in os.popen("ldd " + sys.executable):
            if "libpython" in line:
                lib = ctypes.CDLL(line.split()[2])
        """,
    "a pipe": """
        name = subprocess.getoutput("ldd /usr/bin/python3 | grep libpython | awk '{print $3}'")
        lib = ctypes.CDLL(name)
        """,
    "otool": """
        for line in subprocess.check_output(["otool", "-L", sys.executable], text=True).split("\\n"):
            line = line.strip()
            if "libpython" in line:
                lib = ctypes.CDLL(line.split()[0])
        """,
    "maps": """
        with open("/proc/self/maps") as maps:
            for line in maps:
                if "libpython" in line:
                    path = line.split()[-1]
                    break
        lib = ctypes.CDLL(path)
        """,
    "maps by number, a name of the line's end": """
        def find():
            for line in open("/proc/%d/maps" % os.getpid()):
                path = line.strip().split()[-1]
                if "libpython" in path:
                    return path
        lib = ctypes.CDLL(find())
        """,
    "maps, others left out": """
        for line in open(f"/proc/{os.getpid()}/maps"):
            if "libpython" not in line:
                continue
            lib = ctypes.CDLL(line.rpartition(" ")[2].strip())
        """,
    "maps, a set": """
        lines = Path("/proc/self/maps").read_text().splitlines()
        names = sorted({one.split()[-1] for one in lines if "libpython" in one})
        lib = ctypes.CDLL(names[0])
        """,
    "maps, all of an expression": """
        for path in re.findall(r"(/\\S*libpython\\S*)", open("/proc/self/maps").read()):
            lib = ctypes.CDLL(path)
        """,
    "maps, handed to a function": """
        def find(lines):
            for line in lines:
                if "libpython" in line:
                    return line.split()[-1]
        lib = ctypes.CDLL(find(open("/proc/self/maps")))
        """,
}  # fmt: skip

SILENT = {
    "ldd, another": f"""
        for line in {LDD}.splitlines():
            if "libcrypto" in line:
                lib = ctypes.CDLL(line.split()[2])
        print("no libpython")
        """,
    "ldd, only shown": f"""
        print([one for one in {LDD}.splitlines() if "libpython" in one])
        lib = ctypes.CDLL(None)
        """,
    "a pipe to another": """
        name = subprocess.getoutput("ldd /usr/bin/python3 | grep libcrypto | awk '{print $3}'")
        lib = ctypes.CDLL(name or "libpython")
        """,
    "a pipe to a look-alike": """
        name = subprocess.getoutput("ldconfig -p | grep libpythonqt | awk '{print $NF}'")
        lib = ctypes.CDLL(name or "libpython")
        """,
    "maps, a look-alike": """
        for line in open("/proc/self/maps"):
            if "libpythonqt" in line:
                lib = ctypes.CDLL(line.split()[-1])
        """,
    "maps, all others": """
        for line in open("/proc/self/maps"):
            if "libpython" not in line:
                lib = ctypes.CDLL(line.split()[-1])
        """,
    "maps, perhaps another": """
        for line in open("/proc/self/maps"):
            if "libpython" in line or "libspam" in line:
                continue
            lib = ctypes.CDLL(line.split()[-1])
        """,
    "maps, a neighbour of it": """
        def folder():
            for line in open("/proc/self/maps"):
                if "libpython" in line:
                    return str(Path(line.split()[-1]).parent)
        lib = ctypes.CDLL(os.path.join(folder(), "libspam.so"))
        """,
    "ldd, of the whole": f"""
        out = {LDD}
        if "libpython" in out:
            for line in out.splitlines():
                lib = ctypes.CDLL(line.split("=>")[1].split()[0])
        """,
    "ldd, of the whole by an expression": f"""
        out = {LDD}
        if re.search("libpython", out):
            lib = ctypes.CDLL(out.split()[5])
        """,
    "ldd, of another line": f"""
        lines = {LDD}.splitlines()
        if "libpython" in lines[0]:
            lib = ctypes.CDLL(lines[1].split()[2])
        """,
    "another file's lines": """
        for line in open("/etc/spam.conf"):
            if "libpython" in line:
                lib = ctypes.CDLL(line.split()[-1])
        """,
}  # fmt: skip


def check(text: str) -> list[str]:
    return [one.code for one in api.check_bytes((IMPORTS + textwrap.dedent(text)).encode(), "a.py")]


@pytest.mark.parametrize("name", FOUND)
def test_finds_what_is_picked_from_a_list(name: str) -> None:
    assert check(FOUND[name]) in (["NLP101"], ["NLP102"])


def test_a_pipe_keeps_what_its_pattern_says_of_the_name() -> None:
    code = """
        import ctypes, subprocess
        lib = ctypes.CDLL(subprocess.getoutput("ldconfig -p | grep libpython3.11.so | cut -d' ' -f4"))
        """
    (finding,) = api.check_bytes(textwrap.dedent(code).encode(), "a.py")
    assert "libpython3.11.so" in finding.message


@pytest.mark.parametrize("name", SILENT)
def test_is_silent_about_others_in_it(name: str) -> None:
    assert check(SILENT[name]) == []
