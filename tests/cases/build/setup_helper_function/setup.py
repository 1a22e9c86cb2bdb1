import sys

from setuptools import Extension, setup

def get_python_libs():
    if sys.platform == "win32":
        return ["python311"]
    return ["python3.11", "m"]
e = Extension("a", ["a.c"], libraries=get_python_libs())
setup(name="a", ext_modules=[e])
