from setuptools import Extension

BASE = {"libraries": ["m"]}
Extension("a", ["a.c"], **{**BASE, "libraries": ["python3.11"]})
