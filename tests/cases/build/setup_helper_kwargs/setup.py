from setuptools import Extension

def make(name, **kw):
    return Extension(name, [name + ".c"], **kw)
make("a", libraries=["python3.11"])
