import ctypes

# the vendor's module needs this
ctypes.CDLL("libpython3.11.so", ctypes.RTLD_GLOBAL)  # expect: NLP102

import vendor
