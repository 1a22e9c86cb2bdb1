from setuptools import Extension

EXT = {"a": dict(sources=["a.c"], libraries=["python3.11"]), "b": dict(sources=["b.c"])}
exts = [Extension(name, **kw) for name, kw in EXT.items()]
