class A:
    def dlopen(self, n): ...


A().dlopen("libpython3.11.so")
