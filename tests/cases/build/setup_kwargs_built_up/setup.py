from setuptools import Extension, setup

kw = dict(
    libraries=["m", "python3.11"],
)
kw["extra_link_args"] = ["-lpython3.11"]
kw.setdefault("extra_objects", []).append("/usr/lib/libpython3.11.a")
kw["libraries"].append("python3")
kw["libraries"] += ["z", "python3.12"]
e = Extension("a", ["a.c"], **kw)
setup(name="a", ext_modules=[e])
