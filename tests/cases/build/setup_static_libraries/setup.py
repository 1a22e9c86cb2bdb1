from setuptools import Extension, setup

setup(libraries=[("foo", {"sources": ["a.c"], "libraries": ["python3.11"]})], ext_modules=[Extension("a", ["a.c"])])
