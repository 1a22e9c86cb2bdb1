import sys

from setuptools import Extension, setup

win = sys.platform == "win32"
e = Extension("a", ["a.c"], libraries=[] if win else ["python3.11"])
setup(name="a", ext_modules=[e])
