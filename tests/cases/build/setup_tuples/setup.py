from setuptools import Extension

e = Extension("a", ["a.c"], libraries=("m", "python3.11"))
e = Extension("a", ["a.c"], libraries=("python3.11", "m"))
e = Extension("a", ["a.c"], libraries=("python3.11",))
e = Extension("a", ["a.c"], libraries=("python3.11", "m", "z"))
