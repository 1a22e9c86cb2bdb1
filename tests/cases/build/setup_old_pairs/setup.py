from setuptools import setup

setup(ext_modules=[("a", {"sources": ["a.c"], "libraries": ["python3.11"]})])
