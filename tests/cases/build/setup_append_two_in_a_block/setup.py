import sys

from setuptools import Extension

libs = []
if sys.maxsize > 1:
    libs.append("python3.11")
    libs.append("python3")
Extension("a", ["a.c"], libraries=libs)
