import sys
from helpers import IS_WINDOWS, is_mingw
from setuptools import Extension
libs = ["m"]
if IS_WINDOWS or is_mingw():
    libs.append("python3.11")
Extension("a", ["a.c"], libraries=libs)
