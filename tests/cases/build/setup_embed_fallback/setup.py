import subprocess

from setuptools import Extension, setup

try:
    out = subprocess.check_output(["python3-config", "--ldflags", "--embed"], text=True)
except subprocess.CalledProcessError:
    out = subprocess.check_output(["python3-config", "--ldflags"], text=True)
e = Extension("a", ["a.c"], extra_link_args=out.split())
setup(name="a", ext_modules=[e])
