import ctypes


def has_shared():
    try:
        return True
    except OSError:
        return False
