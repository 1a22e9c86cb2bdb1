from setuptools import Extension

libs = []; libs.append("python3.11"); libs.append("m")
Extension("a", ["a.c"], libraries=libs)
