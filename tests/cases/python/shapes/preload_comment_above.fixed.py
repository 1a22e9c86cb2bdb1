import ctypes

# the vendor's module needs this

import vendor
