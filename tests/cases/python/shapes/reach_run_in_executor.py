import asyncio, ctypes
async def main():
    loop = asyncio.get_running_loop()
    api = await loop.run_in_executor(None, ctypes.CDLL, "libpython3.11.so")  # expect: NLP101
    api.Py_IsInitialized()
