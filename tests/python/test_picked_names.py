"""Names that a test picks out of a folder, a text or a list."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api
from tests.python.marks import marked_rows, rows_of_findings

#: libpython is opened in the line that ends in "# here", and nowhere else.
FOUND = {
    "scandir with": """
import os, ctypes
with os.scandir("/usr/lib") as it:
    for entry in it:
        if entry.is_file() and entry.name.startswith("libpython3.") and ".so" in entry.name:
            lib = ctypes.CDLL(entry.path, mode=ctypes.RTLD_GLOBAL)  # here
            break
""",
    "listdir join": """
import os, ctypes
libdir = "/usr/lib"
candidates = [os.path.join(libdir, f) for f in os.listdir(libdir) if f.startswith("libpython3") and ".so" in f]
lib = ctypes.PyDLL(candidates[0])  # here
""",
    "re match group": r"""
import ctypes, re, os
for name in os.listdir("/usr/lib"):
    m = re.match(r"(libpython3\.\d+\.so).*", name)
    if m:
        ctypes.PyDLL(m.group(0))  # here
""",
    "re match group1": r"""
import ctypes, re, os
for name in os.listdir("/usr/lib"):
    m = re.search(r"(libpython3\.\d+\.so)", name)
    if m is not None:
        ctypes.PyDLL(m.group(1))  # here
""",
    "re findall maps": r"""
import ctypes, re
maps = open("/proc/self/maps").read()
lib = ctypes.PyDLL(re.findall(r"\S*libpython3\.\d+\.so\S*", maps)[0])  # here
""",
    "re search index": r"""
import ctypes, re, subprocess, sys
out = subprocess.check_output(["ldd", sys.executable], text=True)
m = re.search(r"=> (/\S+/libpython3\.\d+\.so[.\d]*)", out)
lib = ctypes.PyDLL(m[1])  # here
""",
    "startswith tuple": """
import ctypes, os
for f in os.listdir("/usr/lib"):
    if f.startswith(("libpython3.", "libpython2.")) and f.endswith((".so", ".dylib")):
        ctypes.PyDLL(f)  # here
""",
    "f slice": """
import ctypes, os
for f in os.listdir("/usr/lib"):
    if f[:10] == "libpython3":
        ctypes.PyDLL("/usr/lib/" + f)  # here
""",
    "equal name": """
import ctypes, os
for f in os.scandir("/usr/lib"):
    if f.name == "libpython3.11.so.1.0":
        ctypes.PyDLL(f.path)  # here
""",
    "in names": """
import ctypes, os
for f in os.listdir("/usr/lib"):
    if f in ("libpython3.so", "libpython3.11.so"):
        ctypes.PyDLL(f)  # here
""",
    "fnmatch translate": """
import ctypes, os, re, fnmatch
rx = re.compile(fnmatch.translate("libpython3.*.so"))
for f in os.listdir("/usr/lib"):
    if rx.match(f):
        ctypes.PyDLL(f)  # here
""",
}
#: Each looks like one of those, and opens another library or none.
SILENT = {
    "libpython a": """
import ctypes, os
for f in os.listdir("/usr/lib"):
    if f.startswith("libpython3") and f.endswith(".a"):
        print(f)
ctypes.CDLL("libc.so.6")
""",
    "not libpython": """
import ctypes, os
for f in os.listdir("/usr/lib"):
    if not f.startswith("libpython3"):
        ctypes.CDLL(f)
""",
    "skip libpython": """
import ctypes, os
for f in os.listdir("/usr/lib"):
    if f.startswith("libpython"):
        continue
    ctypes.CDLL(f)
""",
    "python ext": """
import ctypes, os
for f in os.listdir("/usr/lib/python3/dist-packages"):
    if "python3" in f and f.endswith(".so"):
        ctypes.CDLL(f)
""",
    "glob cpython": """
import ctypes, glob
ctypes.CDLL(glob.glob("mymod.cpython-*.so")[0])
""",
    "glob boost": """
import ctypes, glob
ctypes.CDLL(glob.glob("libboost_python3*.so")[0])
""",
    "libpython helper prefix": """
import ctypes, glob
for f in glob.glob("lib*.so"):
    if "python" in f:
        ctypes.CDLL(f)
""",
    "or test": """
import ctypes, os
for f in os.listdir("/usr/lib"):
    if f.startswith("libfoo") or f.startswith("libpython3"):
        print(f)
    else:
        ctypes.CDLL(f)
""",
    "re other": r"""
import ctypes, os, re
for f in os.listdir("/usr/lib"):
    if re.match(r"lib(?!python)\w+\.so", f):
        ctypes.CDLL(f)
""",
    "regex boost": r"""
import ctypes, os, re
for f in os.listdir("/usr/lib"):
    if re.search(r"boost_python3\d+\.so", f):
        ctypes.CDLL(f)
""",
    "size of file": """
import ctypes, os, glob
for f in glob.glob("/usr/lib/libpython3*.so"):
    print(os.path.getsize(f))
ctypes.CDLL("libm.so.6")
""",
    "windows dll": """
import ctypes, glob
for f in glob.glob("C:/Python*/python3*.dll"):
    ctypes.CDLL(f)
""",
    "filter none": """
import ctypes, os
names = [n for n in os.listdir("/usr/lib") if n.endswith(".so") and not n.startswith("libpython")]
ctypes.CDLL(names[0])
""",
    "dir libpython": """
import ctypes, os
for f in os.listdir("/opt/libpython3-tools"):
    ctypes.CDLL(os.path.join("/opt/libpython3-tools", f))
""",
    "in tests swapped": """
import ctypes, os
f = os.environ["X"]
if f in "libpython3.11.so":
    pass
ctypes.CDLL(f)
""",
    "found behind the start": """
import ctypes, os
for f in os.listdir("/usr/lib"):
    if f.find("libpython3.11.so"):
        ctypes.CDLL(f)
""",
    "dirname picked": """
import ctypes, os
for f in os.listdir("/usr/lib"):
    if f.startswith("libpython3"):
        ctypes.CDLL(os.path.join(os.path.dirname(f), "libssl.so"))
""",
}


@pytest.mark.parametrize("code", FOUND.values(), ids=FOUND)
def test_libpython_is_found(code: str) -> None:
    assert rows_of_findings(code) == marked_rows(code)
    assert len(marked_rows(code)) == 1


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_another_library_is_silent(code: str) -> None:
    assert rows_of_findings(code) == []


def test_what_no_condition_changes_is_evaluated_once() -> None:
    """A long chain of values is not evaluated anew for each of the names that a test picks."""
    chain = "".join(f"end{at + 1} = end{at}.strip()\n" for at in range(240))
    picks = "".join(
        f'    if name.startswith("lib{one}."):\n        found = name + end240\n'
        for one in [*range(60), "python3.11"]
    )
    code = f"import ctypes, os, sys\nend0 = sys.argv[1]\n{chain}"
    code += f'for name in os.listdir("/usr/lib"):\n{picks}ctypes.CDLL(found)\n'
    (finding,) = api.check_bytes(code.encode(), "app.py")
    assert (finding.code, "libpython3.11." in finding.message) == ("NLP102", True)
