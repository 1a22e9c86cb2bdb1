from setuptools import Extension, setup

def options():
    return {"libraries": ["python3.11"], "language": "c++"}
e = Extension("a", ["a.c"], **options())
setup(name="a", ext_modules=[e])
