import nox


@nox.session
def build(session):
    session.run("f2py", "-c", "m.f90", "-m", "m", "-lpython3.11")
