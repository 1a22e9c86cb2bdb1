import sys
import platform

from setuptools import Extension, setup

win = sys.platform.startswith("win")
e = Extension("a", ["a.c"], libraries=["python3.11"] if win else [])
setup(name="a", ext_modules=[e])
