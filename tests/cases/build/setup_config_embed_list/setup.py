import subprocess

from setuptools import Extension, setup

flags = subprocess.check_output(["python3-config", "--ldflags", "--embed"]).decode().split()
e = Extension("a", ["a.c"], extra_link_args=flags)
setup(name="a", ext_modules=[e])
