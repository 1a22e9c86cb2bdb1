from setuptools import Extension

def make(name, libs):
    return Extension(name, [name + ".c"], libraries=libs + ["m"])
make("a", ["python3.11"])
make("b", ["z"])
