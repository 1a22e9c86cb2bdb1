import ctypes
from dataclasses import dataclass, field


@dataclass
class Options:
    library: str = field(default="libpython3.11.so")

    def load(self):
        return ctypes.pythonapi  # expect: NLP101
