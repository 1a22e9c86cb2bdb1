import ROOT

ROOT.gSystem.Load("libpython3.11.so")  # expect: NLP103
