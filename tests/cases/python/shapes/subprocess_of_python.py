import subprocess

subprocess.run(["ldd", "libpython3.11.so"])
subprocess.run(["python", "-c", "import ctypes; ctypes.CDLL('libpython3.11.so')"])  # expect: NLP102
