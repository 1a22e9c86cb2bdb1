from invoke import task


@task
def build(c):
    c.run("cc -o main main.c -lpython3.11")
    print("f2py -c m.f90 -lpython3.11")
