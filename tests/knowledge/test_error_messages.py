"""Messages from public reports, and the situation that each of them tells of."""

from __future__ import annotations

import io
import subprocess
import sys
import time

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.knowledge.error_messages import explain

MISSING = "cannot open shared object file: No such file or directory"

#: The message, the situation, and words that its explanation has.
MESSAGES = [
    # lifeiteng/vall-e 118, hoffstadt/DearPyGui 658, python-build-standalone 619
    (
        f"ImportError: libpython3.10.so.1.0: {MISSING}",
        "extension-needs-libpython",
        "nolibpy doctor",
    ),
    (f"ImportError: libpython3.7m.so.1.0: {MISSING}", "extension-needs-libpython", "libpython3.7m"),
    (
        (
            'Traceback (most recent call last):\n  File "<python-input-0>", line 1, in <module>\n'
            "    from . import _mscl\n"
            f"ImportError: libpython3.13.so.1.0: {MISSING}"
        ),
        "extension-needs-libpython",
        "statically",
    ),
    (f"ImportError: libpython3-4f2b1c9e.11.so.1.0: {MISSING}", "extension-needs-libpython", ""),
    (
        (
            "Error loading shared library libpython3.10.so.1.0: No such file or directory (needed by "
            "/app/venv/lib/python3.10/site-packages/a/_b.cpython-310-x86_64-linux-gnu.so)"
        ),
        "extension-needs-libpython",
        "nolibpy fix /app/venv/lib/python3.10/site-packages/a/_b.cpython-310-x86_64-linux-gnu.so",
    ),
    # ctypes, cffi
    (f"OSError: libpython3.11.so.1.0: {MISSING}", "libpython-opened-by-name", "ctypes.pythonapi"),
    (f"OSError: /usr/lib/libpython3.8.so: {MISSING}", "libpython-opened-by-name", ""),
    # mxrch/GHunt 4, uv 6812
    (
        f"python3: error while loading shared libraries: libpython3.7m.so.1.0: {MISSING}",
        "interpreter-lost-its-library",
        "nolibpy doctor --python python3",
    ),
    (
        (
            "/opt/venvs/myenv/bin/python: error while loading shared libraries: "
            f"/opt/venvs/myenv/bin/../lib/libpython3.11.so.1.0: {MISSING}"
        ),
        "interpreter-lost-its-library",
        "virtual environment",
    ),
    # alibaba/pipcook 654 and programs that embed Python
    (
        f"./target/app: error while loading shared libraries: libpython3.7m.so.1.0: {MISSING}",
        "embedder-lacks-library",
        "patchelf --set-rpath DIR ./target/app",
    ),
    (
        "Error loading shared library libpython3.12.so.1.0: No such file or directory (needed by ./app)",
        "embedder-lacks-library",
        "libpython3.12",
    ),
    # without the program, as people paste them
    (
        f"error while loading shared libraries: libpython3.11.so.1.0: {MISSING}",
        "embedder-lacks-library",
        "A program is linked to `libpython3.11.so.1.0`",
    ),
    (
        f"error while loading shared libraries: libpython3.11.so.1.0: {MISSING}",
        "embedder-lacks-library",
        "nolibpy doctor --python PROGRAM",
    ),
    (
        "Error loading shared library libpython3.12.so.1.0: No such file or directory",
        "embedder-lacks-library",
        "nolibpy doctor --python PROGRAM",
    ),
    # dashingsoft/pyarmor 147, cetteup/transfer-plex-user-viewstate 6, opengrep 316
    (
        (
            "Error loading Python lib '/tmp/_MEIkEnPM5/libpython3.5m.so.1.0': dlopen: "
            f"/tmp/_MEIkEnPM5/libpython3.5m.so.1.0: {MISSING}"
        ),
        "frozen-program-lacks-library",
        "--print-path",
    ),
    (
        (
            "[PYI-1013:ERROR] Failed to load Python shared library '/tmp/_MEIiXVdDq/libpython3.9.so.1.0': "
            f"libcrypt.so.1: {MISSING}"
        ),
        "frozen-program-lacks-dependency",
        "libcrypt.so.1",
    ),
    (
        (
            "[123] Error loading Python lib '/tmp/_MEI1/libpython3.11.so.1.0': dlopen: "
            "/lib/x86_64-linux-gnu/libm.so.6: version `GLIBC_2.35' not found"
        ),
        "frozen-program-lacks-dependency",
        "GLIBC_2.35",
    ),
    # uv 6488, PyO3 4813
    (
        "/usr/bin/ld: cannot find -lpython3.11: No such file",
        "linker-finds-no-libpython",
        "-lpython3.11",
    ),
    (
        "ld: warning: search path '/install/lib' not found\nld: library 'python3.12' not found",
        "linker-finds-no-libpython",
        "python3.12",
    ),
    # cpython 116745
    (
        "/usr/bin/ld: cannot find @LIBPYTHON@: No such file or directory",
        "pkg-config-file-of-python-is-broken",
        "pcfiledir",
    ),
    (
        "clang: error: no such file or directory: '@LIBPYTHON@'",
        "pkg-config-file-of-python-is-broken",
        "Update Python",
    ),
    ("ld: library not found for -lpython3.9", "linker-finds-no-libpython", "-lpython3.9"),
    ("ld.lld: error: unable to find library -lpython3.13", "linker-finds-no-libpython", ""),
    (
        "main.c:(.text+0xe): undefined reference to `Py_Initialize'",
        "embedder-is-linked-without-libpython",
        "`Py_Initialize`",
    ),
    (
        'Undefined symbols for architecture arm64:\n  "_PyArg_ParseTuple", referenced from:',
        "embedder-is-linked-without-libpython",
        "",
    ),
    (
        "ld.lld: error: undefined symbol: PyList_New\n>>> referenced by a.c",
        "embedder-is-linked-without-libpython",
        "",
    ),
    # Da1sypetals/SnapViewer 2, intrepidcs/python_ics 175, ufo-core 48
    (
        (
            "Fatal Python error: PyInterpreterState_Get: the function must be called with the GIL held, "
            "but the GIL is released (the current Python thread state is NULL)\n"
            "Python runtime state: unknown"
        ),
        "second-runtime-crash",
        "never started",
    ),
    (
        (
            "Fatal Python error: PyEval_SaveThread: the function must be called with the GIL held, but "
            "the GIL is released (the current Python thread state is NULL)\n"
            "Python runtime state: initialized"
        ),
        "second-runtime-crash",
        "as likely",
    ),
    (
        "Fatal Python error: PyThreadState_Get: no current thread",
        "second-runtime-crash",
        "nolibpy run",
    ),
    (
        (
            "Program received signal SIGSEGV, Segmentation fault.\n#1 0x7f in PyErr_Occurred () from "
            "/lib/x86_64-linux-gnu/libpython3.11.so.1.0"
        ),
        "second-runtime-suspected",
        "/lib/x86_64-linux-gnu/libpython3.11.so.1.0",
    ),
    # hokusai 203, pyinstaller 4758
    (
        (
            "dlopen: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.25' not found (required by "
            "/tmp/_MEIgGJyYB/libpython3.6m.so.1.0)"
        ),
        "frozen-program-lacks-dependency",
        "oldest system",
    ),
    (
        (
            "ImportError: /lib64/libc.so.6: version `GLIBC_2.34' not found (required by "
            "/opt/x/lib/libpython3.11.so.1.0)"
        ),
        "libpython-lacks-its-own-needs",
        "`GLIBC_2.34`",
    ),
    (
        "ImportError: /usr/local/lib/libpython3.6m.so.1.0: undefined symbol: XML_SetHashSalt",
        "libpython-lacks-its-own-needs",
        "`XML_SetHashSalt`",
    ),
    # libraries that embed Python, and the programs that load them
    (
        f"java.lang.UnsatisfiedLinkError: /opt/jep/libjep.so: libpython3.10.so.1.0: {MISSING}",
        "embedder-lacks-library",
        "`LD_LIBRARY_PATH=DIR PROGRAM`",
    ),
    (
        f"Error: libpython3.10.so.1.0: {MISSING}\n  code: 'ERR_DLOPEN_FAILED'",
        "embedder-lacks-library",
        "A plug-in or a program",
    ),
    (
        (
            "httpd: Syntax error on line 9 of httpd.conf: Cannot load modules/mod_wsgi.so into server: "
            f"libpython3.9.so.1.0: {MISSING}"
        ),
        "embedder-lacks-library",
        "libpython3.9",
    ),
    (
        f"!!! UNABLE to load uWSGI plugin: libpython3.8.so.1.0: {MISSING} !!!",
        "embedder-lacks-library",
        "",
    ),
    # vim 3118 and 8621, nvvim 48
    ("E370: Could not load library libpython3.6m.a", "no-shared-library-to-embed", "archive"),
    (
        f"E370: Could not load library libpython3.9.so.1.0: libpython3.9.so.1.0: {MISSING}",
        "embedder-lacks-library",
        "libpython3.9",
    ),
    (
        "E370: Could not load library /usr/local/Frameworks/Python.framework/Versions/3.7/Python",
        "embedder-lacks-library",
        "/usr/local/Frameworks/Python.framework/Versions/3.7/Python",
    ),
    # where nobody says who asks for it
    (f"libpython3.10.so.1.0: {MISSING}", "libpython-not-found", "`ImportError` is about"),
    (
        f"Error: '/home/u/.pyenv/versions/3.8.5/lib/libpython3.8.so' : {MISSING}",
        "libpython-not-found",
        "",
    ),
    (
        f"could not load /opt/v/lib/python3.9/site-packages/a/_b.so: libpython3.9.so.1.0: {MISSING}",
        "extension-needs-libpython",
        "nolibpy fix /opt/v/lib/python3.9/site-packages/a/_b.so",
    ),
    ("OSError: dlopen(libpython3.9.dylib, 0x0006): tried:", "libpython-opened-by-name", ""),
    ("OSError: /usr/lib/libpython3.11.so: invalid ELF header", "libpython-of-another-kind", ""),
    (
        "ImportError: libpython3.9.so.1.0: wrong ELF class: ELFCLASS32",
        "libpython-of-another-kind",
        "ELFCLASS32",
    ),
    (
        (
            "tried: '/opt/lib/libpython3.9.dylib' (mach-o file, but is an incompatible architecture (have "
            "'x86_64', need 'arm64'))"
        ),
        "libpython-of-another-kind",
        "arm64",
    ),
    # llama-cpp-python 714
    (
        "make: *** No rule to make target '/usr/lib/libpython3.11.a', needed by 'x.so'.  Stop.",
        "linker-finds-no-libpython",
        "libpython3.11.a",
    ),
    (
        (
            "ninja: error: '/install/lib/libpython3.12.so', needed by '_core.so', missing and no known "
            "rule to make it"
        ),
        "linker-finds-no-libpython",
        "",
    ),
    ("g++: error: /usr/lib/libpython3.8.so: No such file", "linker-finds-no-libpython", ""),
    (
        (
            "/usr/bin/ld: /usr/local/lib/libpython3.8.a(abstract.o): relocation R_X86_64_32S against "
            "symbol `_Py_NotImplementedStruct' can not be used; recompile with -fPIC"
        ),
        "static-libpython-in-shared-library",
        "libpython3.8.a",
    ),
    (
        (
            "/usr/bin/ld: /usr/lib/libpython3.11.a(pylifecycle.o): relocation R_X86_64_32 against "
            "symbol `_PyRuntime' can not be used when making a PIE object; recompile with -fPIE"
        ),
        "static-libpython-in-program",
        "-no-pie",
    ),
    (
        (
            "Could NOT find Python3 (missing: Python3_LIBRARIES Development\n  Development.Embed) (found "
            'version "3.10.12")'
        ),
        "cmake-asks-for-libpython",
        "Development.Module",
    ),
    (
        "-- Could NOT find PythonLibs (missing: PYTHON_LIBRARIES PYTHON_INCLUDE_DIRS)",
        "cmake-asks-for-libpython",
        "python3-dev",
    ),
    # dbzero 316, pytorch 1624
    (
        (
            "Fatal Python error: PyThreadState_Get: the function must be called with the GIL held, after "
            "Python initialization and before Python finalization, but the GIL is released\n"
            "Python runtime state: finalizing (tstate=0x0000000000a860d8)"
        ),
        "call-while-python-ends",
        "not the cause",
    ),
    (
        "Fatal Python error: the function must be called with the GIL held, but the GIL is released",
        "second-runtime-crash",
        "or in a second runtime",
    ),
    (
        "Fatal Python error: Python memory allocator called without holding the GIL",
        "second-runtime-crash",
        "",
    ),
    # PyOxidizer 212
    (
        (
            "#0  0x00007ffff700cab8 in PyModule_Create2 () from /usr/lib64/libpython3.7m.so.1.0\n"
            "#1  0x00007ffff7f82503 in PyInit_a (\n    a=1) from /usr/lib64/python3.7/site-packages/a.so\n"
            "#2  0x0000555555803896 in _PyImport_LoadDynamicModuleWithSpec () at importdl.c:159"
        ),
        "second-runtime-in-backtrace",
        "`_PyImport_LoadDynamicModuleWithSpec` in another file",
    ),
    (
        (
            "#0  0x00007ffff700cab8 in PyModule_Create2 ()\n   from /usr/lib64/libpython3.7m.so.1.0\n"
            "#1  0x00007ffff7f82503 in main ()"
        ),
        "second-runtime-suspected",
        "",
    ),
    (
        (
            "#2 0x00007fa8781a1f51 PyImport_Import (libpython3.14.so.1.0 + 0x1a1f51)\n"
            "#3 0x00007fa8781a1f51 PyInit_a (a.so + 0x1a1f51)\n"
            "#4 0x00007fa8781a1f51 PyEval_EvalCode (python3.14 + 0x1a1f51)"
        ),
        "second-runtime-in-backtrace",
        "and `PyEval_EvalCode` in another",
    ),
    (
        (
            "terminated abnormally with signal 11/SEGV\n"
            "#49 0x00007fa8781a1f51 PyImport_Import (libpython3.14t.so.1.0 + 0x1a1f51)"
        ),
        "second-runtime-suspected",
        "`libpython3.14t.so.1.0`",
    ),
    # ninia/jep 206, 342, PyCall.jl 173
    (
        (
            "Python/jep error: <class 'ImportError'>: /usr/local/lib/python3.8/lib-dynload/"
            "_struct.cpython-38-x86_64-linux-gnu.so: undefined symbol: PyFloat_Type"
        ),
        "embedder-opened-libpython-privately",
        "RTLD_GLOBAL",
    ),
    (
        (
            "ImportError: /usr/lib/python3.9/lib-dynload/_ctypes.cpython-39-x86_64-linux-gnu.so: "
            "undefined symbol: PyTuple_Type"
        ),
        "embedder-opened-libpython-privately",
        "LD_PRELOAD",
    ),
    (
        (
            "Error relocating /usr/lib/python3.8/lib-dynload/_ctypes.cpython-38.so: PyErr_NewException: "
            "symbol not found"
        ),
        "embedder-opened-libpython-privately",
        "",
    ),
    ("undefined symbol: PyExc_ValueError", "module-finds-no-python-symbol", "An extension module"),
    # ninia/jep 203, 367
    (
        (
            "jep.JepException: <class 'ImportError'>: /usr/local/lib/python3.6/site-packages/cv2/"
            "cv2.cpython-36m-x86_64-linux-gnu.so: undefined symbol: PyLong_Type"
        ),
        "module-finds-no-python-symbol",
        "another version",
    ),
    (
        "ImportError: ./old.so: undefined symbol: _PyUnicode_Ready",
        "module-finds-no-python-symbol",
        "reinstall",
    ),
    (
        "AttributeError: /usr/bin/python3: undefined symbol: PyUnicode_GetSize",
        "function-is-not-in-this-python",
        "stable ABI",
    ),
    (
        "AttributeError: /lib/x86_64-linux-gnu/libpython3.12.so.1.0: undefined symbol: PyUnicode_GetSize",
        "function-is-not-in-this-python",
        "",
    ),
    # pyinstaller 4063 and 744, devcontainers/features 746, PyCall.jl 450, PythonCall.jl 318
    (
        "OSError: Python library not found: libpython3.7m.so.1.0, libpython3.7mu.so.1.0",
        "no-shared-library-to-embed",
        "libpython3.7",
    ),
    ("IOError: Python library not found!", "no-shared-library-to-embed", "--print-path"),
    (
        (
            "LoadError: Couldn't find libpython; check your PYTHON environment variable.\n"
            'the library names we tried were ["libpython3.4m.a"]'
        ),
        "no-shared-library-to-embed",
        "libpython3.4m.a",
    ),
    (
        'Warning: Python library "/Users/x/.pyenv/versions/3.9.13/lib/libpython3.9.a" could not be opened.',
        "no-shared-library-to-embed",
        "/Users/x/.pyenv/versions/3.9.13/lib/libpython3.9.a",
    ),
    (
        "Python was built without a shared library, which is required by PyInstaller.",
        "no-shared-library-to-embed",
        "",
    ),
    (
        "Error: Python shared library not found, Python bindings not loaded.",
        "no-shared-library-to-embed",
        "",
    ),
    # python/cpython 115737, PyO3 2437, pyzo 18
    (
        (
            "dyld: Library not loaded: /lib/libpython3.13.dylib\n  Referenced from: /opt/bin/python3.13\n"
            "  Reason: image not found"
        ),
        "macos-library-not-loaded",
        "otool -L /opt/bin/python3.13",
    ),
    (
        (
            "dyld[85569]: Library not loaded: @rpath/Python3.framework/Versions/3.8/Python3\n"
            "  Referenced from: <6C1A> /Users/x/target/debug/app"
        ),
        "macos-library-not-loaded",
        "/Users/x/target/debug/app",
    ),
    (
        (
            "ImportError: dlopen(a.so, 2): Library not loaded: @rpath/libpython3.9.dylib\n"
            "  Referenced from: /opt/lib/python3.9/site-packages/a.so\n  Reason: image not found"
        ),
        "macos-extension-needs-libpython",
        "nolibpy fix /opt/lib/python3.9/site-packages/a.so",
    ),
    (
        (
            "ImportError: dlopen(/x/foo.cpython-311-darwin.so, 0x0002): Library not loaded: "
            "@rpath/libpython3.11.dylib"
        ),
        "macos-extension-needs-libpython",
        "nolibpy fix /x/foo.cpython-311-darwin.so",
    ),
    # a plug-in embeds Python, in a message of one line as well
    (
        (
            "Cannot load modules/mod_wsgi.so into server: dlopen(/x/mod_wsgi.so, 0x000A): Library not "
            "loaded: @rpath/libpython3.11.dylib"
        ),
        "macos-library-not-loaded",
        "otool -L /x/mod_wsgi.so",
    ),
    (
        (
            "Cannot load modules/mod_wsgi.so into server: dlopen(/x/mod_wsgi.so, 0x000A): Library not "
            "loaded: @rpath/libpython3.11.dylib\n  Referenced from: /x/mod_wsgi.so"
        ),
        "macos-library-not-loaded",
        "otool -L /x/mod_wsgi.so",
    ),
    (
        (
            "java.lang.UnsatisfiedLinkError: /x/site-packages/jep/libjep.jnilib: dlopen(/x/site-packages/"
            "jep/libjep.jnilib, 0x0001): Library not loaded: @rpath/libpython3.11.dylib\n"
            "  Referenced from: /x/site-packages/jep/libjep.jnilib"
        ),
        "macos-library-not-loaded",
        "otool -L /x/site-packages/jep/libjep.jnilib",
    ),
    # RoboStack/ros-humble 164, PyO3 4778
    (
        "dyld[24732]: symbol not found in flat namespace '_PyExc_RuntimeError'",
        "macos-symbol-not-found",
        "_PyExc",
    ),
    (
        (
            "ImportError: dlopen(x.so, 2): Symbol not found: _PyUnicode_GetSize\n  Referenced from: x.so\n"
            "  Expected in: flat namespace"
        ),
        "macos-symbol-not-found",
        "a Python that lacks it",
    ),
    # IntRA-KD 16, as it was typed
    (
        "Import Error: libpython3.5m.so.1.0:cannot open shared object file:No such file or directory",
        "extension-needs-libpython",
        "libpython3.5m",
    ),
    # cpython 99004, ggsashimi 49, PyOxidizer 702, cpython 77792
    (
        (
            "Fatal Python error: init_fs_encoding: failed to get the Python codec of the filesystem encoding\n"
            "Python runtime state: core initialized\nModuleNotFoundError: No module named 'encodings'"
        ),
        "python-finds-no-standard-library",
        "beside its executable",
    ),
    (
        (
            "Python path configuration:\n  PYTHONHOME = '/apps/python/3.7'\n  PYTHONPATH = (not set)\n"
            "Fatal Python error: init_fs_encoding: failed to get the Python codec of the filesystem encoding"
        ),
        "python-finds-no-standard-library",
        "PYTHONHOME names `/apps/python/3.7`",
    ),
    (
        (
            "thread 'main' panicked at 'called `Result::unwrap()` on an `Err` value: Dynamic(\"during "
            "initializing Python main: init_fs_encoding: failed to get the Python codec\")'"
        ),
        "python-finds-no-standard-library",
        "PyConfig.home",
    ),
    (
        "Fatal Python error: Py_Initialize: unable to load the file system codec",
        "python-finds-no-standard-library",
        "env | grep ^PYTHON",
    ),
    # retinanet-examples 119, pywayland 53: what ldd says is no error
    (
        "undefined symbol: PyUnicode_FromString\t(/opt/env/lib/python3.6/site-packages/a/_C.so)",
        "ldd-knows-no-interpreter",
        "as it should be",
    ),
    (
        (
            "        libffi.so.8 => /usr/lib//libffi.so.8 (0x7f940bd9e000)\n"
            "Error relocating /usr/lib/python3.11/site-packages/a/_ffi.abi3.so: PyObject_Free: symbol not found"
        ),
        "ldd-knows-no-interpreter",
        "Do not link the module",
    ),
    # buildem 33, chromebrew 5737
    (
        "gdb: symbol lookup error: gdb: undefined symbol: PyUnicode_FromKindAndData",
        "program-gets-another-libpython",
        "env -u LD_LIBRARY_PATH gdb",
    ),
    (
        (
            "/usr/bin/freecad: symbol lookup error: /usr/lib/freecad/lib/libFreeCADApp.so: undefined symbol: "
            "PyUnicode_AsUTF8AndSize"
        ),
        "program-gets-another-libpython",
        "nolibpy doctor --python /usr/bin/freecad",
    ),
    (
        "python3: symbol lookup error: python3: undefined symbol: Py_BytesMain",
        "program-gets-another-libpython",
        "is Python itself",
    ),
    (
        "python3: symbol lookup error: /opt/a.so: undefined symbol: PyUnicode_GetSize",
        "module-finds-no-python-symbol",
        "`a.so`",
    ),
    # red-data-tools/pycall.rb 149, pythonnet, Vim
    (
        "PyCall::LibPythonFunctionNotFound (Unable to find the required symbol in libpython: _Py_NoneStruct)",
        "libpython-is-not-what-the-program-expects",
        "static archive",
    ),
    (
        "System.MissingMethodException: Failed to load symbol PyUnicode_AsUnicode.",
        "libpython-is-not-what-the-program-expects",
        "PyUnicode_AsUnicode",
    ),
    (
        "E448: Could not load library function PyUnicode_AsUTF8",
        "libpython-is-not-what-the-program-expects",
        "--print-path",
    ),
    # reticulate 291, pycall.rb 170, PyCall.jl 752
    (
        "libpython:      /usr/local/lib/libpython3.9.so[NOT FOUND]",
        "no-shared-library-to-embed",
        "libpython3.9",
    ),
    (
        "DEBUG(find_libpython) Candidate: /opt/envs/a/lib/libpython3.11.a\nDEBUG(find_libpython) Not found.",
        "no-shared-library-to-embed",
        "/opt/envs/a/lib/libpython3.11.a",
    ),
    (
        "E263: Sorry, this command is disabled, the Python library could not be loaded.",
        "no-shared-library-to-embed",
        "",
    ),
    (
        (
            "Python.Runtime.BadPythonDllException: Runtime.PythonDLL was not set or does not point to a "
            "supported Python runtime DLL."
        ),
        "no-shared-library-to-embed",
        "--print-path",
    ),
    # docker-library/python 930, docker/compose 6292
    (
        "Error relocating /usr/local/bin/../lib/libpython3.12.so.1.0: pwritev2: symbol not found",
        "libpython-lacks-its-own-needs",
        "`pwritev2`",
    ),
    # gridplayer 205, TimerX 20
    (
        (
            "[1655] Error loading Python lib '/Applications/G.app/Contents/MacOS/libpython3.8.dylib': dlopen: "
            "dlopen(/Applications/G.app/Contents/MacOS/libpython3.8.dylib, 10): Library not loaded: "
            "@loader_path/libintl.8.dylib"
        ),
        "frozen-program-lacks-dependency",
        "libintl.8.dylib",
    ),
    (
        (
            "[9] Error loading Python lib '/var/folders/x/T/_MEIabc/Python': dlopen: dlopen(/var/folders/x/T/"
            "_MEIabc/Python, 10): image not found"
        ),
        "frozen-program-lacks-library",
        "/var/folders/x/T/_MEIabc/Python",
    ),
    (
        (
            "Library not loaded: @executable_path/lib/Python\n  Referenced from: /Volumes/V/T.app/Contents/"
            "MacOS/T"
        ),
        "macos-library-not-loaded",
        "otool -L /Volumes/V/T.app/Contents/MacOS/T",
    ),
    # prism-desktop 8, enfugue 136, and the linker's
    (
        (
            "Failed to load Python DLL\n'C:\\Users\\X\\AppData\\Local\\Temp\\_MEI193002\\python312.dll'\n"
            "LoadLibrary: The specified module could not be found"
        ),
        "windows-python-library",
        "`python312.dll`",
    ),
    (
        "Error loading Python DLL 'D:\\e\\python310.dll', LoadLibrary: The specified module could not be found",
        "windows-python-library",
        "redistributable",
    ),
    (
        "ImportError: Module use of python310.dll conflicts with this version of Python.",
        "windows-python-library",
        "reinstall it for this one",
    ),
    (
        "LINK : fatal error LNK1104: cannot open file 'python311.lib'",
        "windows-python-library",
        "libs",
    ),
    # auditwheel, delocate
    (
        'ValueError: Cannot repair wheel, because required library "libpython3.8.so.1.0" could not be located',
        "wheel-needs-libpython",
        "nolibpy fix WHEEL",
    ),
    (
        "DelocationError: Could not find all dependencies.\n@rpath/libpython3.9.dylib not found:\n  Needed by: a",
        "wheel-needs-libpython",
        "libpython3.9.dylib",
    ),
    (
        'meson.build:5:0: ERROR: Dependency "python3-embed" not found, tried pkgconfig',
        "pkg-config-has-no-embedding-package",
        "ask for `python3`",
    ),
    (
        "No package 'python-3.11-embed' found",
        "pkg-config-has-no-embedding-package",
        "ask for `python-3.11`",
    ),
    # plug-ins of WeeChat, GStreamer, PostgreSQL, NGINX Unit; GHC
    (
        (
            'Error: unable to load plugin "/usr/lib/weechat/plugins/python.so": libpython3.8.so.1.0: '
            f"{MISSING}"
        ),
        "embedder-lacks-library",
        "/usr/lib/weechat/plugins/python.so",
    ),
    (
        f"Failed to load plugin '/usr/lib/gstreamer-1.0/libgstpython.so': libpython3.9.so.1.0: {MISSING}",
        "embedder-lacks-library",
        "",
    ),
    (
        f'could not load library "/usr/lib/postgresql/14/lib/plpython3.so": libpython3.9.so.1.0: {MISSING}',
        "embedder-lacks-library",
        "",
    ),
    (
        f'dlopen("/usr/lib/unit/modules/python3.unit.so"), failed: "libpython3.7m.so.1.0: {MISSING}"',
        "embedder-lacks-library",
        "",
    ),
    (
        f'unable to load "/opt/v/lib/python3.9/site-packages/a/_b.so": libpython3.9.so.1.0: {MISSING}',
        "extension-needs-libpython",
        "",
    ),
    (
        f"can't load .so/.DLL for: libpython3.6m.so (libpython3.6m.so: {MISSING})",
        "libpython-not-found",
        "libpython3.6m.so",
    ),
    (
        "Unable to load Python library '/usr/lib/libpython3.8.so'. See the list of supported versions",
        "embedder-lacks-library",
        "",
    ),
    ("\tlibpython3.11.so.1.0 => not found", "libpython-not-found", ""),
    # Found, and not to be loaded (glibc's elf/dl-load.c; lbormann/darts-caller 31 is another kind)
    (
        "ImportError: libpython3.11.so.1.0: cannot open shared object file: Permission denied",
        "libpython-is-refused",
        "namei -l PATH",
    ),
    (
        (
            "gdb: error while loading shared libraries: /opt/py/lib/libpython3.11.so.1.0: cannot open "
            "shared object file: Permission denied"
        ),
        "libpython-is-refused",
        "namei -l /opt/py/lib/libpython3.11.so.1.0",
    ),
    (
        "OSError: libpython3.11.so.1.0: cannot open shared object file: Too many open files",
        "libpython-is-refused",
        "limit of the process",
    ),
    (
        (
            "[99] Error loading Python lib '/tmp/_MEIpG/libpython3.7m.so.1.0': dlopen: "
            "/tmp/_MEIpG/libpython3.7m.so.1.0: failed to map segment from shared object: Operation "
            "not permitted"
        ),
        "libpython-is-refused",
        "TMPDIR",
    ),
    (
        (
            "ImportError: libpython3.11.so.1.0: cannot enable executable stack as shared object "
            "requires: Permission denied"
        ),
        "libpython-is-refused",
        "executable stack",
    ),
    (
        (
            "Error loading Python lib '/x/_MEI/Python': dlopen: dlopen(/x/_MEI/Python, 10): no suitable "
            "image found.  Did find: /x/_MEI/Python: code signature in (/x/_MEI/Python) not valid for "
            "use in process using Library Validation"
        ),
        "libpython-is-refused",
        "codesign --verify --verbose /x/_MEI/Python`",
    ),
    (
        (
            "Failed to load Python shared library '/T/_MEI31/libpython3.8.dylib': dlopen: "
            "dlopen(/T/_MEI31/libpython3.8.dylib, 0x000A): Symbol not found: (_mkfifoat)\n"
            "  Referenced from: '/T/_MEI31/libpython3.8.dylib'"
        ),
        "frozen-program-lacks-dependency",
        "_mkfifoat",
    ),
    # pyinstaller 3419
    (
        (
            "Error loading Python lib \ndlopen(/V/app.app/Contents/MacOS/Python, 10): Symbol not found: "
            "_clock_getres\n  Referenced from: /V/app.app/Contents/MacOS/Python"
        ),
        "libpython-lacks-its-own-needs",
        "_clock_getres",
    ),
    # python/cpython 127315: what free-threaded builds say
    (
        (
            "Fatal Python error: PyUnicode_New: the function must be called with an active thread "
            "state, after Python initialization and before Python finalization, but it is NULL\n"
            "Python runtime state: initialized"
        ),
        "second-runtime-crash",
        "`PyUnicode_New` was called without a thread state, or in the wrong runtime.",
    ),
    # JuliaPy/pyjulia 139, JuliaPy/PythonCall.jl 427
    (
        (
            "signal (11): Erreur de segmentation\n_PyObject_GenericGetAttrWithDict at "
            "/usr/lib/x86_64-linux-gnu/libpython3.6m.so (unknown line)"
        ),
        "second-runtime-suspected",
        "/usr/lib/x86_64-linux-gnu/libpython3.6m.so",
    ),
    (
        "free(): invalid pointer\n\nPyObject_Malloc at /usr/lib/libpython3.10.so.1.0 (unknown line)",
        "second-runtime-suspected",
        "",
    ),
    # rstudio/reticulate 452
    (
        "Python shared library '/usr/lib64/libpython3.7.so' not found, Python bindings not loaded.",
        "no-shared-library-to-embed",
        "--print-path",
    ),
    # Nuitka 1353, 2373
    (
        "FATAL: Error, usable static libpython is not found for this Python installation.",
        "no-static-library-to-compile-in",
        "--static-libpython=no",
    ),
    (
        (
            "FATAL: Automatic detection of static libpython failed. Nuitka on Anaconda needs package "
            "for static libpython installed."
        ),
        "no-static-library-to-compile-in",
        "libpython-static",
    ),
    # gdb in an environment of conda; a PYTHONHOME of another version
    ("AssertionError: SRE module mismatch", "python-uses-another-standard-library", "PYTHONHOME"),
    (
        "ImportError: bad magic number in 'encodings': b'o\\r\\r\\n'",
        "python-uses-another-standard-library",
        "",
    ),
    (
        (
            "Fatal Python error: init_import_site: Failed to import the site module\n"
            "Python runtime state: initialized\n"
            "ModuleNotFoundError: No module named '_collections_abc'"
        ),
        "python-finds-no-standard-library",
        "PYTHONHOME",
    ),
    (
        "dyld[85569]: Library not loaded: @rpath/Python3.framework/Versions/3.8/Python3",
        "macos-library-not-loaded",
        "The program needs",
    ),
    (
        "Fatal Python error: auto-releasing thread-state, but no thread-state for this thread",
        "second-runtime-crash",
        "",
    ),
    # numpy 16677, cef 3695: a kernel with pages of 16 or 64 kB
    (
        (
            "app: error while loading shared libraries: libpython3.9.so.1.0: "
            "ELF load command alignment not page-aligned"
        ),
        "libpython-for-smaller-pages",
        "getconf PAGESIZE",
    ),
    (
        "OSError: /opt/lib/libpython3.9.so.1.0: ELF load command address/offset not page-aligned",
        "libpython-for-smaller-pages",
        "readelf -lW /opt/lib/libpython3.9.so.1.0",
    ),
    (
        "OSError: /x/libpython3.8.so: only ET_DYN and ET_EXEC can be loaded",
        "libpython-of-another-kind",
        "object file",
    ),
    (
        "ImportError: /x/libpython3.12.so.1.0: object file has no dynamic section",
        "libpython-of-another-kind",
        "debugging symbols",
    ),
    (
        "OSError: libpython3.so: cannot dynamically load position-independent executable",
        "libpython-of-another-kind",
        "a program",
    ),
    (
        "OSError: /x/libpython3.8.so: ELF file data encoding not little-endian",
        "libpython-of-another-kind",
        "another processor",
    ),
    (
        (
            "Error loading shared library libpython3.12.so.1.0: Exec format error (needed by "
            "/usr/bin/app)"
        ),
        "libpython-of-another-kind",
        "Exec format error",
    ),
    (
        "Error loading shared library /x/libpython3.12.so: Permission denied (needed by /x/app)",
        "libpython-is-refused",
        "namei -l /x/libpython3.12.so",
    ),
    (
        (
            "ImportError: /x/libpython3.11.so.1.0: cannot apply additional memory protection after "
            "relocation: Permission denied"
        ),
        "libpython-is-refused",
        "SELinux",
    ),
    (
        (
            "app: error while loading shared libraries: libpython3.7m.so.1.0: cannot make segment "
            "writable for relocation: Permission denied"
        ),
        "libpython-is-refused",
        "security policy",
    ),
    (
        "OSError: /x/libpython3.13t.so.1.0: cannot allocate memory in static TLS block",
        "libpython-is-opened-too-late",
        "optional_static_tls",
    ),
    (
        (
            "symbol lookup error: /x/libpython3.11.so.1.0: symbol pthread_getattr_np version "
            "GLIBC_2.34 not defined in file libc.so.6 with link time reference"
        ),
        "libpython-lacks-its-own-needs",
        "pthread_getattr_np",
    ),
    # ld.bfd; a plug-in or a module among what a program is linked to
    (
        (
            "/usr/bin/ld: warning: libpython3.8.so.1.0, needed by /x/_a.cpython-38-x86_64-linux-gnu.so, "
            "not found (try using -rpath or -rpath-link)"
        ),
        "linked-library-needs-libpython",
        "nolibpy check /x/_a.cpython-38-x86_64-linux-gnu.so",
    ),
    (
        (
            "ld: warning: libpython3.8.so.1.0, needed by ../lib/libgdb.so, not found (try using -rpath "
            "or -rpath-link)\n../lib/libgdb.so: undefined reference to `PyList_New'"
        ),
        "linked-library-needs-libpython",
        "-rpath-link",
    ),
    (
        (
            "ld.lld: error: undefined reference: PyList_New\n>>> referenced by libm.so (disallowed by "
            "--no-allow-shlib-undefined)"
        ),
        "embedder-is-linked-without-libpython",
        "PyList_New",
    ),
    # inline-python 42, maturin 329
    (
        "error: could not find native static library `python3.9`, perhaps an -L flag is missing?",
        "crate-links-static-libpython",
        "extension-module",
    ),
    (
        "error: could not find native static library 'python3.5m', perhaps an -L flag is missing?",
        "crate-links-static-libpython",
        "PYO3_PYTHON",
    ),
    # maturin-action 93
    (
        (
            "error: The `auto-initialize` feature is enabled, but your python installation only "
            "supports embedding the Python interpreter statically."
        ),
        "no-shared-library-to-embed",
        "--print-path",
    ),
    # py2deb 16, dh-virtualenv 278; deadsnakes 320
    (
        (
            "dpkg-shlibdeps: error: couldn't find library libpython3.8.so.1.0 needed by debian/p/usr/lib/"
            "python3/dist-packages/a/_b.so (ELF format: 'elf64-x86-64'; RPATH: '')"
        ),
        "package-needs-libpython",
        "nolibpy fix debian/p/usr/lib/python3/dist-packages/a/_b.so",
    ),
    (
        (
            "dpkg-shlibdeps: error: cannot find library libpython3.11.so.1.0 needed by debian/app/usr/bin/"
            "app (ELF format: 'elf64-x86-64' abi: '0201003e00000000'; RPATH: '')"
        ),
        "package-needs-libpython",
        "libpython3.11-dev",
    ),
    (
        (
            "dpkg-shlibdeps: error: no dependency information found for /usr/local/lib/libpython3.11.so.1.0 "
            "(used by debian/app/usr/bin/app)"
        ),
        "package-needs-libpython",
        "libpython3.11-dev",
    ),
    (
        "error: Failed dependencies:\n\tlibpython3.9.so.1.0()(64bit) is needed by app-1.0-1.x86_64",
        "package-needs-libpython",
        "nolibpy check",
    ),
    (
        " - nothing provides libpython3.9.so.1.0()(64bit) needed by app-1.0-1.x86_64 from repo",
        "package-needs-libpython",
        "dnf provides",
    ),
    (
        (
            "dlopen(x.so, 2): Library not loaded: /x/libpython3.8.dylib\n  Reason: no suitable image "
            "found.  Did find:\n\t/x/libpython3.8.dylib: mach-o, but wrong architecture"
        ),
        "libpython-of-another-kind",
        "wrong architecture",
    ),
    (
        "dlopen(/x/libpython3.8.dylib, 6): tried: '/x/libpython3.8.dylib' (not a mach-o file)",
        "libpython-of-another-kind",
        "not a mach-o file",
    ),
    (
        (
            "ImportError: dlopen(/x/libpython3.9.dylib, 2): tried: '/x/libpython3.9.dylib' (code signature "
            "in <1F-2> '/x/libpython3.9.dylib' not valid for use in process: library load disallowed by "
            "system policy)"
        ),
        "libpython-is-refused",
        "codesign",
    ),
    (
        "The program can't start because python38.dll is missing from your computer.",
        "windows-python-library",
        "Install that version",
    ),
    (
        "C:\\x\\python311.dll is either not designed to run on Windows or it contains an error.",
        "windows-python-library",
        "repair its installation",
    ),
    (
        (
            "The procedure entry point Py_NewRef could not be located in the dynamic link library "
            "python310.dll"
        ),
        "windows-python-library",
        "another version",
    ),
]

SILENT = [
    "libfoo.so.1: ELF load command alignment not page-aligned",
    "/x/libpythonqt.so: only ET_DYN and ET_EXEC can be loaded",
    "libfoo.so: object file has no dynamic section",
    "libgomp.so.1: cannot allocate memory in static TLS block",
    "libfoo.so: cannot apply additional memory protection after relocation: Permission denied",
    "Error loading shared library libfoo.so: Exec format error (needed by /x/app)",
    "ld: warning: libssl.so.1.1, needed by /x/a.so, not found (try using -rpath or -rpath-link)",
    "ld: warning: libfoo.so, needed by /opt/lib/libpythonqt.so, not found (try using -rpath)",
    "error: could not find native static library `ssl`, perhaps an -L flag is missing?",
    "error: could not find native static library `pythonqt`, perhaps an -L flag is missing?",
    "dpkg-shlibdeps: error: cannot find library libfoo.so.1 needed by debian/a/usr/bin/b",
    "dpkg-shlibdeps: error: no dependency information found for /usr/lib/libfoo.so.1 (used by a)",
    "\tlibfoo.so.1()(64bit) is needed by app-1.0-1.x86_64",
    "nothing provides libpython3-devel needed by app-1.0-1.x86_64",
    "'/x/libfoo.dylib' (not a mach-o file)",
    "The program can't start because foo38.dll is missing from your computer.",
    "INFO: Python library is C:\\Python311\\python311.dll\nWARNING: a.py is missing from the list",
    "ld.lld: error: undefined reference: main",
    "ImportError: libfoo.so.1: cannot open shared object file: Permission denied",
    "cp: cannot stat 'libpython3.11.so.1.0': No such file or directory",
    "libfoo.so.1: failed to map segment from shared object: Operation not permitted",
    "dlopen(/x/libfoo.dylib): code signature in (/x/libfoo.dylib) not valid for use in process",
    "Symbol not found: _clock_getres\n  Referenced from: /x/libfoo.dylib",
    "ImportError: bad magic number in 'mymodule': b'o'",
    "static library is not found",
    "free(): invalid pointer",
    (
        "Fatal Python error: init_import_site: Failed to import the site module\n"
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xb6 in position 3"
    ),
    "",
    f"error while loading shared libraries: libssl.so.1.1: {MISSING}",
    "ImportError: libc10.so: cannot open shared object file: No such file or directory",
    "ImportError: No module named 'libpython'",
    "python3: error while loading shared libraries: libssl.so.1.1: cannot open shared object file",
    "ImportError: libboost_python310.so.1.74.0: cannot open shared object file: No such file or directory",
    "OSError: libpythonqt.so: cannot open shared object file: No such file or directory",
    "ImportError: x.so: undefined symbol: _ZN5boost6python",
    "ImportError: x.so: undefined symbol: pyfunction",
    "/usr/bin/ld: cannot find -lssl",
    "undefined reference to `main'",
    "dyld: Library not loaded: @rpath/libomp.dylib\n  Referenced from: x.so",
    "Symbol not found: _ERR_new\n  Expected in: flat namespace",
    "Segmentation fault (core dumped)",
    "ModuleNotFoundError: No module named 'encodings.idna'",
    "LookupError: unknown encoding: idna",
    "undefined symbol: pyfunction\t(/opt/a.so)",
    "gdb: symbol lookup error: gdb: undefined symbol: rl_eof_found",
    "Error relocating /usr/lib/libfoo.so: getrandom: symbol not found",
    "ImportError: DLL load failed while importing win32event: The specified module could not be found.",
    "INFO: Python library is C:\\Python311\\python311.dll",
    "LINK : fatal error LNK1104: cannot open file 'boost_python311.lib'",
    "The code execution cannot proceed because VCRUNTIME140.dll was not found.",
    'ValueError: Cannot repair wheel, because required library "libfoo.so.1" could not be located',
    "No package 'python3' found",
    'ERROR: Dependency "lua-embed" not found, tried pkgconfig',
    'ImportError: PyCapsule_Import could not import module "datetime"',
    "Fatal Python error: none_dealloc: deallocating None",
    "[9] Error loading Python lib: no such option",
    "Failed to load symbol glXCreateContext",
    "\tlibpythonqt.so => not found",
    "Could NOT find Python3 (missing: Python3_INCLUDE_DIRS Development.Module)",
    "Could NOT find Python3 (missing: Python3_NumPy_INCLUDE_DIRS NumPy)",
    "g++: error: /usr/lib/libpythonqt.so: No such file or directory",
    "version `GLIBC_2.34' not found (required by /opt/x/libfoo.so)",
    "/usr/bin/ld: cannot find -lpythonic",
    "/usr/bin/ld: cannot find -lpython3.11_helpers: No such file or directory",
    "/usr/bin/ld: cannot find -lpython-foo",
    "ld: library not found for -lpythonqt",
    "ld: library 'python3_extras' not found",
    "ld.lld: error: unable to find library -lpython3xyzw",
    "ninja: error: '/usr/lib/libpython3helper.so', needed by 'x', missing and no known rule to make it",
    "make: *** No rule to make target '/opt/libpython3_utilities.a', needed by 'x'.",
    "ImportError: /x/a.so: undefined symbol: PyInit_foo",
    "ImportError: /x/a.so: undefined symbol: PyArray_Type",
    "ImportError: /x/a.so: undefined symbol: PyQt5_foo",
    "./app: symbol lookup error: ./app: undefined symbol: PySide2_Init",
    "Symbol not found: _PyObjC_Encode\n  Expected in: flat namespace",
    "a.c:(.text+0x9): undefined reference to `PyInit_foo'",
    "#0  0x00007ffff700cab8 in main () at main.c:1",
    "E370: Could not load library libperl.so",
    "[PYI-1013:ERROR] Failed to execute script 'app' due to unhandled exception!",
]


@pytest.mark.parametrize(("text", "name", "words"), MESSAGES)
def test_a_message_is_explained_by_its_situation(text: str, name: str, words: str) -> None:
    for shown in (text, f"12:01 worker | {text}\n", f"\n$ make\n{text}\nmake: *** Error 1\n"):
        found = explain(shown)
        assert found is not None, text
        assert found.name == name
        assert words.lower() in " ".join([found.title, found.cause, *found.steps]).lower()


@pytest.mark.parametrize("text", SILENT)
def test_what_is_not_about_libpython_is_not_explained(text: str) -> None:
    assert explain(text) is None


def test_every_explanation_is_whole_sentences() -> None:
    for text, _, _ in MESSAGES:
        found = explain(text)
        assert found is not None
        assert found.title.endswith(".")
        assert found.cause.endswith(".")
        assert found.steps
        assert not [step for step in found.steps if not step.endswith((".", "`"))]


def test_the_command_takes_a_message_or_a_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = "ImportError: libpython3.11.so.1.0: cannot open shared object file"
    shown = []
    for words, log in (([message], ""), (message.split(), ""), (["-"], f"a log\n{message}\n")):
        monkeypatch.setattr("sys.stdin", io.StringIO(log))
        assert main(["explain", *words]) == 0
        shown.append(capsys.readouterr().out)
    assert shown == [shown[0]] * 3
    assert shown[0].startswith("# An extension module is linked to `libpython3.11.so.1.0`")
    assert "\n- `nolibpy fix " in shown[0]


@pytest.mark.parametrize("text", ["ImportError: no such thing", "a\nb", "\x1b[31m: red"])
def test_a_message_that_is_not_known_is_one_line(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", text]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert "no known message about libpython" in captured.err


def test_what_a_message_says_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    text = "\x1b[2Japp: error while loading shared libraries: libpython3.9.so: cannot open shared object file"
    assert main(["explain", text]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "a" * 250_000,
        "a:" * 125_000,
        "libpython" * 25_000,
        "SIGSEGV " + "libpython3" * 25_000,
        "SIGSEGV " + "libpython3.a" * 25_000,
        "need " * 50_000,
        "Couldn't find libpython " + "x" * 250_000,
        "ImportError: " * 25_000,
        "Library not loaded: " * 12_500,
        "ImportError: " + "libpython3" * 25_000,
        "Undefined symbols for x" + "\n" * 250_000,
        "libpython3.a(x " * 5_000,
        "#1 libpython3\n" * 5_000,
        "Could NOT find Python3 (missing" * 5_000,
        "SIGSEGV " * 25_000,
        "undefined symbol: PyA " * 12_500,
        "a: symbol lookup error: " * 10_000,
        "ldd (0x7f0000000000)\nError relocating a: Py" * 5_000,
        "c:\\python3" * 25_000,
        "c:\\python311.dll " * 12_500,
        "c:\\python31 " * 20_000,
        "ModuleNotFoundError: " * 12_500,
        "Candidate: libpython" + "\n" * 125_000,
        "Candidate: libpython\n" * 10_000,
        "Error loading Python lib /a/Python" * 7_500,
        'required library "libpython3' * 10_000,
        "libpython: " + " " * 125_000,
        "libpython3.9.so: ELF file " * 7_500,
        "libpython3.9.so, needed by a" * 7_500,
        "cannot find library libpython3.9.so needed by a " * 5_000,
        "libpython3.9.so()(64bit) " * 10_000,
        "'/x/libpython3.9.dylib' (" * 10_000,
    ],
    ids=lambda text: text[:20].strip(),
)
def test_a_long_log_is_read_in_linear_time(text: str) -> None:
    started = time.process_time()
    explain(text)
    assert time.process_time() - started < 2


def test_a_log_may_hold_any_bytes() -> None:
    log = b"\xff\xfe\nImportError: libpython3.9.so: cannot open shared object file\n"
    done = subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", "explain", "-"],
        input=log,
        capture_output=True,
        check=True,
    )
    assert done.stdout.startswith(b"# An extension module is linked")


def test_a_closed_standard_input_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["explain", "-"]) == 2
    assert capsys.readouterr().err == "nolibpy: error: standard input is closed\n"
