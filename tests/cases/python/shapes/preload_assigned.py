import ctypes
_keep = ctypes.CDLL("libpython3.11.so", mode=ctypes.RTLD_GLOBAL)  # expect: NLP102
import vendor
