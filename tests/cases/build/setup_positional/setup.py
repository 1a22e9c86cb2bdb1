from setuptools import Extension, setup

e = Extension("a", ["a.c"], [], [], None, None, ["python3.11"])
setup(name="a", ext_modules=[e])
