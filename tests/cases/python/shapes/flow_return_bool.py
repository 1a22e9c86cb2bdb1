import ctypes


def has_shared():
    try:
        ctypes.CDLL("libpython3.11.so.1.0")  # expect: NLP102
        return True
    except OSError:
        return False
