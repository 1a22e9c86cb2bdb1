from setuptools import Extension, setup
from Cython.Build import cythonize
setup(ext_modules=cythonize([Extension("*", ["*.pyx"], libraries=["python3.11"])], annotate=True))
