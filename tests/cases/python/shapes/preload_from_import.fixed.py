from ctypes import CDLL, RTLD_GLOBAL

import vendor
