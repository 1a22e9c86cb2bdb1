import ctypes

import vendor_extension
