from setuptools.command.build_ext import build_ext as _build_ext
class build_ext(_build_ext):
    def initialize_options(self):
        _build_ext.initialize_options(self)
        self.libraries = ["python3.11"]
        self.link_objects = ["/usr/lib/libpython3.11.so"]
