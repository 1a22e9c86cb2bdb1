from dataclasses import dataclass, field
from setuptools import Extension
@dataclass
class Spec:
    name: str
    libs: list
for spec in [Spec("a", ["python3.11"]), Spec("b", ["m"])]:
    Extension(spec.name, [spec.name + ".c"], libraries=spec.libs)
