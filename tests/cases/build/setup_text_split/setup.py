from setuptools import Extension

e = Extension("a", ["a.c"], libraries="m python3.11".split())
e = Extension("a", ["a.c"], extra_link_args="-lpython3.11".split())
