import sys

from setuptools import Extension, setup

def add_libs(is_windows):
    libs = []
    if not is_windows:
        libs.append("python3.11")
    return libs
e = Extension("a", ["a.c"], libraries=add_libs(sys.platform == "win32"))
setup(name="a", ext_modules=[e])
