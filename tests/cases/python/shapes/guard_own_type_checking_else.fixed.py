import ctypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
