import asyncio, ctypes
async def main():
    api = await asyncio.to_thread(ctypes.CDLL, "libpython3.11.so")  # expect: NLP101
    api.Py_IsInitialized()
