import sys
import sysconfig

from setuptools import Extension, setup

if sys.platform == "darwin":
    args = ["-undefined", "dynamic_lookup"]
else:
    args = ["-lpython" + sysconfig.get_config_var("LDVERSION")]
e = Extension("a", ["a.c"], extra_link_args=args)
setup(name="a", ext_modules=[e])
