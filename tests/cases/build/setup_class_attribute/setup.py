from setuptools import Extension, setup

class Config:
    libs = ["python3.11"]
e = Extension("a", ["a.c"], libraries=Config.libs)
setup(name="a", ext_modules=[e])
