class A:
    from ctypes import PyDLL
    api = PyDLL("libpython3.11.so")  # expect: NLP101
    def f(self):
        return self.api.Py_IsInitialized()
