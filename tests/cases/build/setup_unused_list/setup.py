from setuptools import Extension

libs = ["python3.11"]
Extension("a", ["a.c"], libraries=["m"])
