from setuptools.command.build_ext import build_ext
class B(build_ext):
    def run(self):
        self.extensions[0].libraries.append("python3.11")
        for ext in self.distribution.ext_modules or []:
            ext.extra_link_args += ["-lpython3.11"]
        super().run()
