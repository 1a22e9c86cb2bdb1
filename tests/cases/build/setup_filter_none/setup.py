from setuptools import Extension, setup

libs = list(filter(None, ["m", "python3.11"]))
e = Extension("a", ["a.c"], libraries=libs)
setup(name="a", ext_modules=[e])
