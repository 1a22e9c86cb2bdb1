from setuptools import Extension

e = Extension("a", ["a.c"], extra_link_args=["-Wl,-lpython3.11"])
e = Extension("a", ["a.c"], extra_link_args=["-Wl,-rpath,/x,-lpython3.11"])
