from setuptools import Extension, setup

libs = ["m"]
e = Extension("a", ["a.c"], libraries=libs)
libs = ["python3.11"]
print(libs)
setup(name="a", ext_modules=[e])
