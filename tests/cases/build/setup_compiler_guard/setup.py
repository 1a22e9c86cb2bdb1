from setuptools.command.build_ext import build_ext
class B(build_ext):
    def build_extensions(self):
        if self.compiler.compiler_type == "msvc":
            for e in self.extensions:
                e.libraries.append("python3.11")
        if self.compiler.compiler_type == "mingw32":
            for e in self.extensions:
                e.libraries.append("python3.11")
        super().build_extensions()
