from setuptools import Extension, setup

e = Extension(
    "a",
    ["a.c"],
    libraries=[
        "m",
        "python3.11",
        "z",
    ],
    extra_link_args=[
        "-lpython3.11"
    ],
)
setup(name="a", ext_modules=[e])
