from invoke import task


@task
def build(c):
    c.run("LDFLAGS=-lpython3.11 pip install .")
