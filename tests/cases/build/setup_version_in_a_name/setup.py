from setuptools import Extension, setup

v = "3.11"
e = Extension("a", ["a.c"], libraries=[f"python{v}"])
setup(name="a", ext_modules=[e])
