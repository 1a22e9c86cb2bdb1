import subprocess

from setuptools import Extension

subprocess.check_call(["gcc", "main.c", "-lpython3.11", "-o", "main"])
Extension("a", ["a.c"])
