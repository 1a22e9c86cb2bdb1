import ctypes


def main():
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()


if __name__ == "__main__":
    main()
