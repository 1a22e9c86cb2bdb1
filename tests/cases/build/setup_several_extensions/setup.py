from setuptools import Extension

LIBS = ["python3.11", "m"]
exts = [Extension("a", ["a.c"], libraries=LIBS), Extension("b", ["b.c"], libraries=LIBS + ["z"])]
