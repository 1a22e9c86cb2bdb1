import ctypes

TYPE_CHECKING = False


def load():
    if TYPE_CHECKING:
        return None
    return ctypes.pythonapi  # expect: NLP101
