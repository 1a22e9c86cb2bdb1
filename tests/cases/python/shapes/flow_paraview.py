def prepare(lib_path):
    try:
        import ctypes

        ctypes.CDLL("libpython3.10.so", mode=ctypes.RTLD_GLOBAL)  # expect: NLP102
    except Exception as e:
        print(f"Warning: {e}")
