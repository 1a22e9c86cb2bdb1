from setuptools import *
Extension("a", ["a.c"], libraries=["python3.11"])
