"""Code that plain Unix never reaches: tests that are skipped there, Termux, other platforms' modules."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api

#: Where ``OPENS`` is written, libpython is opened.
OPENS = 'ctypes.PyDLL("libpython3.11.so").Py_IsInitialized()'

#: Nothing is opened on Unix.
SILENT = {
    "mark by name": """
import ctypes, sys, pytest
windows_only = pytest.mark.skipif(sys.platform != "win32", reason="x")
@windows_only
def test():
    OPENS
""",
    "mark skip": """
import ctypes, pytest
@pytest.mark.skip(reason="x")
def test():
    OPENS
""",
    "mark skip bare": """
import ctypes, pytest
@pytest.mark.skip
def test():
    OPENS
""",
    "unittest skip": """
import ctypes, unittest
class T(unittest.TestCase):
    @unittest.skip("never")
    def test(self):
        OPENS
""",
    "pytestmark": """
import ctypes, sys, pytest
pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="x")
def test():
    OPENS
""",
    "pytestmark list": """
import ctypes, sys, pytest
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "win32", reason="x")]
def test():
    OPENS
""",
    "pytestmark in class": """
import ctypes, sys, pytest
class TestX:
    pytestmark = [pytest.mark.skipif(sys.platform != "win32", reason="x")]
    def test(self):
        OPENS
""",
    "pytestmark by name": """
import ctypes, sys, pytest
only = pytest.mark.skipif(sys.platform != "win32", reason="x")
pytestmark = [only]
def test():
    OPENS
""",
    "pytestmark tuple below": """
import ctypes, sys, pytest
def test():
    OPENS
pytestmark = (pytest.mark.skipif(condition=sys.platform != "win32", reason="x"),)
""",
    "xfail": """
import ctypes, sys, pytest
@pytest.mark.xfail(sys.platform != "win32", run=False, reason="x")
def test():
    OPENS
""",
    "xfail always": """
import ctypes, sys, pytest
@pytest.mark.xfail(run=False, reason="x")
def test():
    OPENS
""",
    "string condition": """
import ctypes, sys, pytest
@pytest.mark.skipif("sys.platform != 'win32'")
def test():
    OPENS
""",
    "skipTest in test": """
import ctypes, sys, unittest
class T(unittest.TestCase):
    def test(self):
        if sys.platform != "win32":
            self.skipTest("Windows only")
        OPENS
""",
    "raise SkipTest": """
import ctypes, sys, unittest
class T(unittest.TestCase):
    def test(self):
        if sys.platform != "win32":
            raise unittest.SkipTest("Windows only")
        OPENS
""",
    "skipTest in setUp": """
import ctypes, sys, unittest
class T(unittest.TestCase):
    def setUp(self):
        if sys.platform != "win32":
            self.skipTest("Windows only")
    def test(self):
        OPENS
""",
    "raise in setUpClass": """
import ctypes, sys, unittest
class T(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if sys.platform != "win32":
            raise unittest.SkipTest("Windows only")
    def test(self):
        OPENS
""",
    "setup_method": """
import ctypes, sys, pytest
class TestT:
    def setup_method(self):
        if sys.platform != "win32":
            pytest.skip("Windows only")
    def test(self):
        OPENS
""",
    "setUpModule": """
import ctypes, sys, unittest
def setUpModule():
    if sys.platform != "win32":
        raise unittest.SkipTest("Windows only")
class T(unittest.TestCase):
    def test(self):
        OPENS
""",
    "setup_module": """
import ctypes, sys, pytest
def setup_module(module):
    if sys.platform != "win32":
        pytest.skip("Windows only")
def test():
    OPENS
""",
    "autouse fixture": """
import ctypes, sys, pytest
@pytest.fixture(autouse=True)
def windows():
    if sys.platform != "win32":
        pytest.skip("Windows only")
def test():
    OPENS
""",
    "termux prefix": """
import ctypes, os
if "com.termux" in os.environ.get("PREFIX", ""):
    OPENS
""",
    "termux prefix without default": """
import ctypes, os
if "com.termux" in os.getenv("PREFIX"):
    OPENS
""",
    "termux subscript": """
import ctypes, os
if "PREFIX" in os.environ and "com.termux" in os.environ["PREFIX"]:
    OPENS
""",
    "termux sys prefix": """
import ctypes, sys
if "com.termux" in sys.prefix:
    OPENS
""",
    "termux sys executable": """
import ctypes, sys
if sys.executable.startswith("/data/data/com.termux/"):
    OPENS
""",
    "termux startswith": """
import ctypes, sys
TERMUX = sys.prefix.startswith("/data/data/com.termux")
if TERMUX:
    OPENS
""",
    "termux exists": """
import ctypes, os
if os.path.exists("/data/data/com.termux/files/usr"):
    OPENS
""",
    "termux isdir": """
import ctypes, os.path
if not os.path.isdir("/data/data/com.termux"):
    pass
else:
    OPENS
""",
    "termux Path": """
import ctypes
from pathlib import Path
if Path("/data/data/com.termux/files/home").exists():
    OPENS
""",
    "termux name": """
import ctypes
ctypes.CDLL("/data/data/com.termux/files/usr/lib/libpython3.11.so")
""",
    "android system folder": """
import ctypes, os
if os.path.exists("/system/build.prop"):
    OPENS
""",
    "flag android": """
import ctypes
try:
    import android
    ANDROID = True
except ImportError:
    ANDROID = False
if ANDROID:
    OPENS
""",
    "flag android else": """
import ctypes
try:
    import android
except ImportError:
    android = None
if android is not None:
    OPENS
""",
    "flag android truth": """
import ctypes
try:
    import android
except ImportError:
    android = None
if android:
    OPENS
""",
    "flag winreg": """
import ctypes
HAVE = True
try:
    import winreg
except ImportError:
    HAVE = False
def f():
    if HAVE:
        OPENS
""",
    "flag else": """
import ctypes
try:
    import winreg
except ImportError:
    HAVE = False
else:
    HAVE = True
if not HAVE:
    raise SystemExit
OPENS
""",
    "noload mode": """
import ctypes, os
ctypes.PyDLL("libpython3.11.so", os.RTLD_NOLOAD)
""",
    "noload mode kw": """
import ctypes, os
api = ctypes.CDLL("libpython3.11.so", mode=os.RTLD_NOW | os.RTLD_NOLOAD)
api.x()
""",
    "noload ctypes": """
import ctypes, sys, os
mode = ctypes.RTLD_GLOBAL | os.RTLD_NOLOAD
api = ctypes.CDLL("libpython3.11.so", mode)
api.x()
""",
    "noload cffi": """
import cffi, os
ffi = cffi.FFI()
ffi.dlopen("libpython3.11.so", ffi.RTLD_NOLOAD)
""",
    "noload alias": """
import _ctypes, os
_ctypes.dlopen("libpython3.11.so", os.RTLD_LAZY | os.RTLD_NOLOAD)
""",
    "pytestmark append": """
import ctypes, os, sys, pytest, unittest
pytestmark = [pytest.mark.slow]
pytestmark.append(pytest.mark.skipif(sys.platform != 'win32', reason='x'))
def test():
    OPENS
""",
    "pytestmark longer": """
import ctypes, os, sys, pytest, unittest
pytestmark = [pytest.mark.slow]
pytestmark += [pytest.mark.skipif(sys.platform != 'win32', reason='x')]
def test():
    OPENS
""",
    "xfail in the test": """
import ctypes, os, sys, pytest, unittest
def test():
    if sys.platform != 'win32':
        pytest.xfail('x')
    OPENS
""",
    "fixture by parameter": """
import ctypes, os, sys, pytest, unittest
@pytest.fixture
def windows():
    if os.name != 'nt':
        pytest.skip('x')
def test(windows):
    OPENS
""",
    "fixture of a fixture": """
import ctypes, os, sys, pytest, unittest
@pytest.fixture
def windows():
    if os.name != 'nt':
        pytest.skip('x')
@pytest.fixture
def folder(windows):
    return 'x'
def test(folder):
    OPENS
""",
    "fixture by mark": """
import ctypes, os, sys, pytest, unittest
@pytest.fixture
def windows():
    if os.name != 'nt':
        pytest.skip('x')
@pytest.mark.usefixtures('windows')
def test():
    OPENS
""",
    "importorskip": """
import ctypes, os, sys, pytest, unittest
winreg = pytest.importorskip('winreg')
def test():
    OPENS
""",
    "importorskip in the test": """
import ctypes, os, sys, pytest, unittest
def test():
    pytest.importorskip('msvcrt')
    OPENS
""",
    "flag as a function": """
import ctypes
def is_android():
    try:
        import android
    except ImportError:
        return False
    return True
if is_android():
    OPENS
""",
    "find_spec": """
import ctypes, importlib.util
if importlib.util.find_spec('winreg'):
    OPENS
""",
    "termux program": """
import ctypes, shutil
if shutil.which('termux-setup-storage'):
    OPENS
""",
    "termux home": """
import ctypes, os
if '/com.termux/' in os.path.expanduser('~'):
    OPENS
""",
    "termux endswith": """
import ctypes, os
if str(os.environ.get('PREFIX')).endswith('com.termux/files/usr'):
    OPENS
""",
}
#: Each looks like one of those, and is reached.
FOUND = {
    "mark by name unix": """
import ctypes, sys, pytest
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="x")
@unix_only
def test():
    OPENS
""",
    "pytestmark unix": """
import ctypes, sys, pytest
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="x")]
def test():
    OPENS
""",
    "pytestmark in other class": """
import ctypes, sys, pytest
class TestWindows:
    pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="x")
def test():
    OPENS
""",
    "pytestmark module level load": """
import ctypes, sys, pytest
pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="x")
OPENS
""",
    "pytestmark helper called at import": """
import ctypes, sys, pytest
pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="x")
def load():
    OPENS
load()
""",
    "xfail runs": """
import ctypes, sys, pytest
@pytest.mark.xfail(reason="x")
def test():
    OPENS
""",
    "xfail strict": """
import ctypes, sys, pytest
@pytest.mark.xfail(sys.platform == "win32", run=False, reason="x")
def test():
    OPENS
""",
    "skipTest on windows": """
import ctypes, sys, unittest
class T(unittest.TestCase):
    def test(self):
        if sys.platform == "win32":
            self.skipTest("Unix only")
        OPENS
""",
    "own skipTest": """
import ctypes
class T:
    def skipTest(self, why):
        print(why)
    def test(self):
        self.skipTest("x")
        OPENS
""",
    "setUp of another": """
import ctypes, sys, unittest
class A(unittest.TestCase):
    def setUp(self):
        if sys.platform != "win32":
            self.skipTest("Windows only")
class B(unittest.TestCase):
    def test(self):
        OPENS
""",
    "setUp maybe": """
import ctypes, sys, os, unittest
class A(unittest.TestCase):
    def setUp(self):
        if not os.path.exists("/x"):
            self.skipTest("no x")
    def test(self):
        OPENS
""",
    "load in setUp itself": """
import ctypes, sys, os, unittest
class A(unittest.TestCase):
    def setUp(self):
        OPENS
        if sys.platform != "win32":
            self.skipTest("Windows only")
""",
    "function called setUp": """
import ctypes, sys
def setUp():
    if sys.platform != "win32":
        raise RuntimeError
def test():
    OPENS
""",
    "setup_module with helper": """
import ctypes, sys, pytest
def setup_module(module):
    if sys.platform == "win32":
        pytest.skip("Unix only")
def test():
    OPENS
""",
    "conda prefix": """
import ctypes, os
if "conda" in os.environ.get("PREFIX", ""):
    OPENS
""",
    "not termux": """
import ctypes, os
if "com.termux" not in os.environ.get("PREFIX", ""):
    OPENS
""",
    "not termux sys": """
import ctypes, sys
if "com.termux" not in sys.prefix:
    OPENS
""",
    "not termux startswith": """
import ctypes, sys
if not sys.prefix.startswith("/data/data/com.termux/"):
    OPENS
""",
    "exists": """
import ctypes, os
if os.path.exists("/usr/lib"):
    OPENS
""",
    "flag numpy": """
import ctypes
try:
    import numpy
    HAVE = True
except ImportError:
    HAVE = False
if HAVE:
    OPENS
""",
    "not android": """
import ctypes
try:
    import android
    ANDROID = True
except ImportError:
    ANDROID = False
if not ANDROID:
    OPENS
""",
    "android is none": """
import ctypes
try:
    import android
except ImportError:
    android = None
if android is None:
    OPENS
""",
    "fcntl flag": """
import ctypes
try:
    import msvcrt
except ImportError:
    import fcntl
    UNIX = True
else:
    UNIX = False
if UNIX:
    OPENS
""",
    "mode now": """
import ctypes, os
api = ctypes.CDLL("libpython3.11.so", os.RTLD_NOW | os.RTLD_GLOBAL)
api.x()
""",
    "noload perhaps": """
import ctypes, os, sys
api = ctypes.CDLL("libpython3.11.so", os.RTLD_NOLOAD if sys.argv else os.RTLD_NOW)
api.x()
""",
    "fixture of another test": """
import ctypes, os, sys, pytest, unittest
@pytest.fixture
def windows():
    if os.name != 'nt':
        pytest.skip('x')
def test_a(windows):
    pass
def test_b():
    OPENS
""",
    "fixture that skips on Windows": """
import ctypes, os, sys, pytest, unittest
@pytest.fixture
def windows():
    if os.name == 'nt':
        pytest.skip('x')
def test(windows):
    OPENS
""",
    "parameter of no fixture": """
import ctypes, os, sys, pytest, unittest
def windows():
    if os.name != 'nt':
        pytest.skip('x')
def test(windows):
    OPENS
""",
    "importorskip of a library": """
import ctypes, os, sys, pytest, unittest
np = pytest.importorskip('numpy')
def test():
    OPENS
""",
    "pytestmark append of another": """
import ctypes, os, sys, pytest, unittest
pytestmark = []
pytestmark.append(pytest.mark.slow)
def test():
    OPENS
""",
    "setUp replaced": """
import ctypes, os, sys, pytest, unittest
class Base(unittest.TestCase):
    def setUp(self):
        self.skipTest('x')
class T(Base):
    def setUp(self):
        pass
    def test(self):
        OPENS
""",
    "flag of numpy as a function": """
import ctypes
def has():
    try:
        import numpy
    except ImportError:
        return False
    return True
if has():
    OPENS
""",
    "find_spec of numpy": """
import ctypes, importlib.util
if importlib.util.find_spec('numpy'):
    OPENS
""",
    "another program": """
import ctypes, shutil
if shutil.which('gcc'):
    OPENS
""",
    "termux not in": """
import ctypes, os
if '/com.termux/' not in os.path.expanduser('~'):
    OPENS
""",
}


#: Tests that hold neither on Linux nor on macOS, and name no other Unix for itself.
EXCLUDING = [
    'sys.platform not in ("linux", "darwin")',
    'not sys.platform.startswith(("linux", "darwin", "freebsd"))',
    'not (sys.platform == "linux" or sys.platform == "darwin")',
    'sys.platform != "linux" and sys.platform != "darwin"',
    'os.name not in ("posix",)',
    'platform.system() not in ("Linux", "Darwin")',
    "platform.system().lower() not in UNIX",
    "not is_unix",
    "not on_unix()",
    'not sysconfig.get_platform().startswith(("linux", "macosx"))',
    'sys.platform not in ("linux", "darwin") and os.environ.get("X")',
]
#: Each looks like one of those, and holds on some Unix.
HOLDING = [
    'sys.platform not in ("linux", "linux2")',
    'sys.platform not in ("darwin",)',
    'sys.platform not in ("win32", "cygwin")',
    'not (sys.platform == "linux" or os.environ.get("X"))',
    '"bsd" in sys.platform and sys.platform not in UNIX',
    'sys.platform.startswith(("freebsd", "sunos"))',
    "sys.platform in UNIX",
    'not (sys.platform == "win32" or sys.platform == "cygwin")',
    'sys.platform not in ("linux", "darwin") or os.environ.get("X")',
    'not sys.platform.startswith(("linux", "win32"))',
]
PLATFORM_TEST = """
import ctypes, os, platform, sys, sysconfig
UNIX = ("linux", "darwin")
is_unix = sys.platform == "linux" or sys.platform == "darwin"
def on_unix():
    return sys.platform in UNIX
if {}:
    {}
else:
    {}
"""
SILENT |= {one: PLATFORM_TEST.format(one, "OPENS", "pass") for one in EXCLUDING}
SILENT |= {
    f"else of {one}": PLATFORM_TEST.format(f"not ({one})", "pass", "OPENS") for one in EXCLUDING
}
FOUND |= {one: PLATFORM_TEST.format(one, "OPENS", "pass") for one in HOLDING}
FOUND |= {f"else of {one}": PLATFORM_TEST.format(one, "pass", "OPENS") for one in EXCLUDING}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_what_unix_never_reaches_is_not_reported(code: str) -> None:
    assert api.check_bytes(code.replace("OPENS", OPENS).encode(), "test_module.py") == []


@pytest.mark.parametrize("code", FOUND.values(), ids=FOUND)
def test_what_unix_reaches_is_reported(code: str) -> None:
    found = api.check_bytes(code.replace("OPENS", OPENS).encode(), "test_module.py")
    assert [one.code for one in found] == ["NLP101"]
