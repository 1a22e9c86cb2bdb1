from setuptools import Extension, setup

setup(options={"build_ext": {"libraries": "m python3.11"}}, ext_modules=[Extension("a", ["a.c"])])
