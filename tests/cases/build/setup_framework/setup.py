from setuptools import Extension

Extension("a", ["a.c"], extra_link_args=["/Library/Frameworks/Python.framework/Versions/3.11/Python"])
