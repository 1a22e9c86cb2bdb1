def prepare(lib_path):
    try:
        pass
    except Exception as e:
        print(f"Warning: {e}")
