from setuptools import Extension, setup

pylib = "python3.11"
e = Extension("a", ["a.c"], libraries=["m", pylib])
setup(name="a", ext_modules=[e])
