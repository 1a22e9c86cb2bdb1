import torch

torch.ops.load_library("libpython3.11.so")  # expect: NLP103
