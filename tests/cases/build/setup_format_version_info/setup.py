import sys

from setuptools import Extension, setup

e = Extension("a", ["a.c"], libraries=["m", "python{}.{}".format(*sys.version_info)])
setup(name="a", ext_modules=[e])
