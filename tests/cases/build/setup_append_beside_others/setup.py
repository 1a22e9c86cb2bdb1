import sys
import platform

from setuptools import Extension, setup

libs = []
if sys.platform.startswith("linux"):
    libs.append("rt")
    libs.append("python3.11")
else:
    libs.append("python3.11")
e = Extension("a", ["a.c"], libraries=libs)
setup(name="a", ext_modules=[e])
