import ctypes

import vendor
