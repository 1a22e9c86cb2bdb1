from setuptools import Extension

libs = ["m"]
libs.extend(["python3.11", "z"])
libs.extend(("python3.12",))
Extension("a", ["a.c"], libraries=libs)
