import ctypes
from dataclasses import dataclass


@dataclass
class Loader:
    name: str = "libpython3.11.so"

    def __post_init__(self):
        self.lib = ctypes.pythonapi  # expect: NLP101
