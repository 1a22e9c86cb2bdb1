import ctypes

TYPE_CHECKING = False


def load():
    if TYPE_CHECKING:
        return None
    return ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
