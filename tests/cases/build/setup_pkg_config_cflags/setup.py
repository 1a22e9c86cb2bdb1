import subprocess

from setuptools import Extension

cflags = subprocess.getoutput("pkg-config --cflags python3-embed").split()
Extension("a", ["a.c"], extra_compile_args=cflags)
