from ctypes import CDLL, RTLD_GLOBAL

CDLL("libpython3.11.so", mode=RTLD_GLOBAL)  # expect: NLP102

import vendor
