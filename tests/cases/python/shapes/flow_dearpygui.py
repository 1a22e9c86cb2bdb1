import ctypes

ctypes.CDLL("libpython3.7m.so.1.0")  # expect: NLP102
import uuid

print(uuid)
