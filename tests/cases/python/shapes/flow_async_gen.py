import ctypes


async def names():
    yield "libpython3.11.so"


async def main():
    async for name in names():
        ctypes.PyDLL(name).Py_IsInitialized()  # expect: NLP101
