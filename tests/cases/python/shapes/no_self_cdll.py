class Loader:
    def CDLL(self, name):
        return name

    def go(self):
        return self.CDLL("libpython3.11.so")
