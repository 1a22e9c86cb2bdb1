import os

from setuptools import Extension, setup

libs = [lib for lib in ["m", "python3.11", os.environ.get("X")] if lib]
e = Extension("a", ["a.c"], libraries=libs)
setup(name="a", ext_modules=[e])
