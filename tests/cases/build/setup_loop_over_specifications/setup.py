from setuptools import Extension

for name, libs in [("a", ["python3.11"]), ("b", ["m"])]:
    Extension(name, [name + ".c"], libraries=libs)
