from setuptools import Extension, setup

config = dict(name="x", ext_modules=[Extension("a", ["a.c"], libraries=["python3.11"])])
setup(**config)
