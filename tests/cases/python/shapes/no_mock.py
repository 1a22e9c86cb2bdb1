from unittest import mock
import ctypes

with mock.patch("ctypes.CDLL") as cdll:
    cdll("libpython3.11.so")
