from cx_Freeze import setup, Executable
setup(executables=[Executable("a.py")], options={"build_exe": {"include_files": ["/usr/lib/libpython3.11.so"], "libraries": ["python3.11"]}})
