import shlex
from setuptools import Extension
Extension("a", ["a.c"], extra_link_args=shlex.split("-Wl,-O1 -lpython3.11"))
