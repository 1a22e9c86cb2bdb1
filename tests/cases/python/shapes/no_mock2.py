from unittest import mock

cdll = mock.Mock()
cdll.LoadLibrary("libpython3.11.so")
