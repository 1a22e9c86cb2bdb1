import sys

from setuptools import Extension

def libs():
    if sys.platform != "win32":
        return []
    return ["python3.11"]
Extension("a", ["a.c"], libraries=libs())
