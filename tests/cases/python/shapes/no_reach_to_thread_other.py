import asyncio, ctypes
async def main():
    await asyncio.to_thread(print, ctypes.CDLL, "libpython3.11.so")
