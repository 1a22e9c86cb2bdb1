import ctypes
import sys
from pathlib import Path

lib = ctypes.PyDLL(str(Path(sys.base_prefix) / "lib" / "libpython3.11.so"))  # expect: NLP101
lib.Py_IsInitialized()
