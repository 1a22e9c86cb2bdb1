import pkgconfig
from setuptools import Extension, setup
e = Extension("a", ["a.c"], **pkgconfig.parse("python-3.11-embed"))
setup(name="a", ext_modules=[e])
