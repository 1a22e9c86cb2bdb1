import ctypes


def main():
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()


if __name__ == "__main__":
    main()
