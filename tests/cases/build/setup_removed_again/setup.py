from setuptools import Extension

libs = ["m", "python3.11"]
libs.remove("python3.11")
Extension("a", ["a.c"], libraries=libs)
