import os

from setuptools import Extension, setup

os.environ["LDFLAGS"] += " -lpython3.11"
setup(ext_modules=[Extension("a", ["a.c"])])
