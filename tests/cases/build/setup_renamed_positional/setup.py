from setuptools import Extension as E
E("a", ["a.c"], [], [], None, None, ["python3.11"])
