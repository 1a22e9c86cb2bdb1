import ctypes

ctypes.CDLL("libpython3.10.so", mode=ctypes.RTLD_GLOBAL)  # expect: NLP102
import vendor
