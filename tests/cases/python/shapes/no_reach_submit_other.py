import ctypes
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor() as executor:
    executor.submit(ctypes.CDLL, "libpng.so")
print("libpython3.so")
