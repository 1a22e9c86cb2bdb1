import sys
import sysconfig

from setuptools import Extension, setup

python = f"python{sys.version_info.major}.{sys.version_info.minor}"
libraries = ["m", python]
if sys.platform == "win32":
    libraries = []

setup(
    ext_modules=[
        Extension("fastsum._sum", ["src/fastsum/sum.c"], libraries=libraries),
        Extension(
            "fastsum._mean",
            ["src/fastsum/mean.c"],
            extra_link_args=["-L" + sysconfig.get_config_var("LIBDIR"), "-l:" + sysconfig.get_config_var("LDLIBRARY")],
        ),
        Extension("fastsum._median", ["src/fastsum/median.pyx"]),
    ],
)
