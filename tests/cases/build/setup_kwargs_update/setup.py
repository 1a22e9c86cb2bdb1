from setuptools import Extension

opts = {}
opts.update(libraries=["python3.11"])
opts.update({"extra_link_args": ["-lpython3.11"]})
Extension("a", ["a.c"], **opts)
