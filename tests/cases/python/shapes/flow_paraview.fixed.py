def prepare(lib_path):
    try:
        import ctypes

    except Exception as e:
        print(f"Warning: {e}")
