import os, sysconfig
from setuptools import Extension, setup
from commands.java import get_java_include, get_java_libraries
def get_python_libs():
    return ["python" + sysconfig.get_config_var("LDVERSION")]
setup(ext_modules=[Extension("jep", ["jep.c"], libraries=get_java_libraries() + get_python_libs())])
