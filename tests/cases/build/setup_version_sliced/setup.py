import sys

from setuptools import Extension, setup

e = Extension("a", ["a.c"], libraries=["python" + sys.version[:3]])
setup(name="a", ext_modules=[e])
