#!/usr/bin/env python3
"""What happens when this interpreter opens libpython by name?

    python3 examples/second_runtime.py [LIBRARY]

Each line of the table is one call, made in a process of its own: once through
``ctypes.pythonapi`` and once through the library as it is found by name. Try it with
several interpreters: Debian's ``/usr/bin/python3`` and the ones that uv installs are
linked statically; many that are built from source are linked dynamically.
"""

import ctypes.util
import signal
import subprocess
import sys
import sysconfig

OPEN = {
    "ctypes.pythonapi": "api = ctypes.pythonapi",
    "PyDLL(name)": "api = ctypes.PyDLL(sys.argv[1])",
    "CDLL(name)": "api = ctypes.CDLL(sys.argv[1])",
}
CALLS = {
    "address of None": (
        "ours = id(None); "
        "theirs = ctypes.addressof(ctypes.c_byte.in_dll(api, '_Py_NoneStruct')); "
        "print('the same' if ours == theirs else 'another one')"
    ),
    "Py_IsInitialized()": "print(api.Py_IsInitialized())",
    "PyGILState_Ensure()": "api.PyGILState_Ensure(); print('returns')",
    "PyRun_SimpleString('1')": "api.PyRun_SimpleString(b'1'); print('returns')",
    "PyUnicode_FromString('x')": (
        "f = api.PyUnicode_FromString; f.restype = ctypes.py_object; "
        "value = f(b'x'); print('a str' if type(value) is str else 'a foreign object')"
    ),
    "PyErr_SetString(ValueError)": (
        "f = api.PyErr_SetString; f.argtypes = [ctypes.py_object, ctypes.c_char_p]\n"
        "try: f(ValueError, b'x')\n"
        "except ValueError: print('raises')\n"
        "else: print('returns')"
    ),
}


def outcome(opening: str, call: str, library: str) -> str:
    """Return in a few words what a new process made of the call."""
    code = f"import ctypes, sys\n{opening}\n{call}\n"
    command = [sys.executable, "-u", "-c", code, library]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except subprocess.TimeoutExpired:
        return "hangs"
    said = done.stdout.strip()
    if done.returncode < 0:
        end = signal.Signals(-done.returncode).name
    elif done.returncode:
        end = (done.stderr.strip().splitlines() or ["fails"])[-1].partition(":")[0]
    else:
        return said or "exits without a word"
    return f"{said}, then {end}" if said else end


def main() -> None:
    """Print the table for this interpreter."""
    version = "{}.{}".format(*sys.version_info)
    library = sys.argv[1] if len(sys.argv) > 1 else ctypes.util.find_library(f"python{version}")
    library = library or sysconfig.get_config_var("INSTSONAME") or f"libpython{version}.so.1.0"
    print(f"{sys.executable}, Python {version}, opens {library}\n")
    widths = (27, 16, 16, 16)
    for row in [("", *OPEN), *table(library)]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def table(library: str):
    """Yield the rows."""
    for name, call in CALLS.items():
        yield (name, *(outcome(opening, call, library) for opening in OPEN.values()))


if __name__ == "__main__":
    main()
