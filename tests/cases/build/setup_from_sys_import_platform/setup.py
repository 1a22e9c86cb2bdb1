from sys import platform
from setuptools import Extension, setup
libs = ["m"]
if platform == "win32" or platform[:3] == "win":
    libs.append("python3.11")
e = Extension("a", ["a.c"], libraries=libs)
setup(name="a", ext_modules=[e])
