import ctypes


async def name():
    return "libpython3.11.so"


async def main():
    ctypes.PyDLL(await name()).Py_IsInitialized()  # expect: NLP101
