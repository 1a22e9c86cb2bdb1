import sys

from setuptools import Extension, setup

e = Extension("a", ["a.c"], libraries=["python" + ".".join(map(str, sys.version_info[:2]))])
setup(name="a", ext_modules=[e])
