import ctypes
ctypes.CDLL(  # expect: NLP102
    "libpython3.11.so",
    mode=ctypes.RTLD_GLOBAL,
)
import vendor
