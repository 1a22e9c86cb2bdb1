from distutils.sysconfig import get_python_version
from setuptools import Extension, setup
e = Extension("a", ["a.c"], libraries=["python" + get_python_version()])
setup(name="a", ext_modules=[e])
