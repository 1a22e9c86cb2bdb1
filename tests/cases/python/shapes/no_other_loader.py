import importlib.machinery

loader = importlib.machinery.ExtensionFileLoader("m", "libpython3.11.so")
loader.load_module()
