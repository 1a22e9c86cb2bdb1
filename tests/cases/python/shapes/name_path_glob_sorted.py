import ctypes
import glob
import sys
from pathlib import Path

api = ctypes.PyDLL(str(sorted(Path(sys.prefix, "lib").glob("libpython3*.so"))[-1]))  # expect: NLP101
api.Py_IsInitialized()
