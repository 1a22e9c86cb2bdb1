from setuptools import Extension

exts = []
for name in ("a", "b"):
    exts.append(Extension(name, [name + ".c"], libraries=["python3.11"]))
