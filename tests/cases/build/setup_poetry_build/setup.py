from setuptools import Extension
def build(setup_kwargs):
    setup_kwargs.update({"ext_modules": [Extension("a", ["a.c"], libraries=["python3.11"])]})
