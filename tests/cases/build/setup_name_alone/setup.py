import sys

from setuptools import Extension, setup

pylib = f"python{sys.version_info[0]}.{sys.version_info[1]}"
e = Extension("a", ["a.c"], libraries=[pylib])
setup(name="a", ext_modules=[e])
