import sys

from setuptools import Extension, setup

kwargs = {}
if sys.platform != "win32":
    kwargs["libraries"] = ["python%d.%d" % sys.version_info[:2]]
else:
    kwargs["libraries"] = ["python%d%d" % sys.version_info[:2]]
e = Extension("a", ["a.c"], **kwargs)
setup(name="a", ext_modules=[e])
