from setuptools import Extension

mk = lambda name: Extension(name, [name + ".c"], libraries=["python3.11"])
mk("a")
