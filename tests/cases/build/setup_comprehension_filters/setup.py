from setuptools import Extension, setup

libs = [lib for lib in ["m", "python3.11"] if not lib.startswith("python")]
e = Extension("a", ["a.c"], libraries=libs)
setup(name="a", ext_modules=[e])
