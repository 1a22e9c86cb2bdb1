import subprocess

from setuptools import Extension, setup

def pkg(opt, *names):
    out = subprocess.run(["pkg-config", opt, *names], capture_output=True, text=True)
    return out.stdout.split()
e = Extension("a", ["a.c"], extra_link_args=pkg("--libs", "python3-embed"))
setup(name="a", ext_modules=[e])
