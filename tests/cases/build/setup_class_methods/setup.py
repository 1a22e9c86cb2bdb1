from setuptools import Extension

class Cfg:
    def libs(self):
        return ["python3.11"]
    @property
    def flags(self):
        return ["-lpython3.11"]
cfg = Cfg()
Extension("a", ["a.c"], libraries=cfg.libs(), extra_link_args=cfg.flags)
