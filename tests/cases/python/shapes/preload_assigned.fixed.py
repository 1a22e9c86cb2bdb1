import ctypes
import vendor
