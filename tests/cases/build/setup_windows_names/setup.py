import sys

from setuptools import Extension, setup

e = Extension("a", ["a.c"], libraries=["python%d%d" % sys.version_info[:2], "python311", "boost_python311"])
setup(name="a", ext_modules=[e])
