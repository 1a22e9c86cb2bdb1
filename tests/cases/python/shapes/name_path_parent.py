import ctypes
import sys
from pathlib import Path

lib = ctypes.PyDLL(str(Path(sys.executable).parent.parent / "lib" / "libpython3.11.so"))  # expect: NLP101
lib.Py_IsInitialized()
