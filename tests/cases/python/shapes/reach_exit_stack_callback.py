import contextlib, ctypes
with contextlib.ExitStack() as stack:
    stack.callback(ctypes.CDLL, "libpython3.11.so")  # expect: NLP102
