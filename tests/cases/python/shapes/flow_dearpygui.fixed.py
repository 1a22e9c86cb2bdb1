import ctypes

import uuid

print(uuid)
