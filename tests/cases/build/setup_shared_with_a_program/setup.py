from distutils.ccompiler import new_compiler
from setuptools import Extension
libs = ["python3.11"]
cc = new_compiler()
cc.link_executable(["a.o"], "a", libraries=libs)
Extension("a", ["a.c"], libraries=libs)
