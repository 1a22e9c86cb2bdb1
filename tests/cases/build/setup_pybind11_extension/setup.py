from pybind11.setup_helpers import Pybind11Extension
e = Pybind11Extension("a", ["a.cpp"], libraries=["python3.11"])
setup(name="a", ext_modules=[e])
