import sys

from setuptools import Extension, setup

def flags():
    if sys.platform == "win32":
        return ["python311"], []
    return ["python3.11"], ["-lpython3.11", "-lm"]
libs, args = flags()
e = Extension("a", ["a.c"], libraries=libs, extra_link_args=args)
setup(name="a", ext_modules=[e])
