import subprocess

from setuptools import Extension

p = subprocess.Popen(["python3-config", "--ldflags", "--embed"], stdout=subprocess.PIPE)
out = p.communicate()[0].decode()
Extension("a", ["a.c"], extra_link_args=out.split())
