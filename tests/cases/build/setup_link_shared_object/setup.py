from setuptools.command.build_ext import build_ext
class B(build_ext):
    def build_extension(self, ext):
        self.compiler.link_shared_object(["a.o"], self.get_ext_fullpath(ext.name), libraries=["python3.11"])
        self.compiler.link_executable(["a.o"], "a", libraries=["python3.11"])
