from setuptools import Extension

libs = []
for lib in ["m", "python3.11"]:
    libs.append(lib)
Extension("a", ["a.c"], libraries=libs)
