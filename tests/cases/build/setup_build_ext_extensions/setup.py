import sys
import sysconfig
from setuptools.command.build_ext import build_ext
from setuptools import Extension, setup
class B(build_ext):
    def build_extension(self, ext):
        ext.libraries += ["python3.11"]
        ext.extra_link_args.append("-lpython3.11")
        super().build_extension(ext)
    def build_extensions(self):
        for e in self.extensions:
            e.extra_link_args = ["-lpython3.11"]
            e.libraries.append("python3.11")
        self.libraries.append("python3.11")
        self.compiler.add_library("python3.11")
        build_ext.build_extensions(self)
    def finalize_options(self):
        super().finalize_options()
        if sys.platform == "win32":
            self.libraries.append("python311")
        else:
            self.libraries.append("python%s" % sysconfig.get_config_var("VERSION"))
setup(ext_modules=[Extension("a", ["a.c"])])
