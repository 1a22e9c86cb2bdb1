from functools import partial
from setuptools import Extension
Ext = partial(Extension, libraries=["python3.11"])
Ext("a", ["a.c"])
