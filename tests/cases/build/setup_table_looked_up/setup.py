from setuptools import Extension

EXT = {"a": {"libraries": ["python3.11"]}}
for name in EXT:
    Extension(name, [name + ".c"], **EXT[name])
