from setuptools import Extension

libs = ["m"]
libs.insert(0, "python3.11")
Extension("a", ["a.c"], libraries=libs)
