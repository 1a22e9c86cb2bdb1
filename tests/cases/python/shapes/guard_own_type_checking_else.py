import ctypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
