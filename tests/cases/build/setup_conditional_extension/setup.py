import sys

from setuptools import Extension, setup

e = Extension("a", ["a.c"], libraries=["python3.11"]) if sys.platform != "win32" else Extension("a", ["a.c"], libraries=["python311"])
setup(name="a", ext_modules=[e])
