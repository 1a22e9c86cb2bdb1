class A:
    from ctypes import pythonapi
    api = pythonapi  # expect: NLP101
    def f(self):
        return self.api.Py_IsInitialized()
