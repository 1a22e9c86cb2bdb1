import sys

from setuptools import Extension, setup

e = Extension("a", ["a.c"], libraries=["python%d.%d" % sys.version_info[:2], "m"])
setup(name="a", ext_modules=[e])
