import os

from setuptools import Extension, setup

os.environ["LDFLAGS"] = "-L/opt -lpython3.11"
setup(ext_modules=[Extension("a", ["a.c"])])
