from setuptools import Extension, setup

libs = ["m"]
e = Extension("a", ["a.c"], libraries=libs)
libs.append("python3.11")
setup(name="a", ext_modules=[e])
