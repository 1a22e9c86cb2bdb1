from setuptools import Extension

def make(name, **kw):
    libs = kw.pop("libraries", [])
    return Extension(name, ["a.c"], libraries=libs + ["m"], **kw)
make("a", libraries=["python3.11"])
