"""One certified step (gradient, clipping of its norm, update, fresh noise) in PyTorch on the CPU, for serve.py."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from serve import batch, serve, threads

torch.set_num_threads(threads)
torch.manual_seed(0)


def mlp(*sizes):
    layers = []
    for i in range(len(sizes) - 1):
        layers += [nn.Linear(sizes[i], sizes[i + 1]), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def cnn():
    return nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def lenet():
    return nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


class Transformer(nn.Module):
    def __init__(self, layers=2, width=64, heads=4, length=64, vocabulary=1000):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(vocabulary, width), nn.Parameter(torch.randn(length, width) * 0.1)
        block = nn.TransformerEncoderLayer(width, heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True)
        self.blocks, self.head = nn.TransformerEncoder(block, layers, nn.LayerNorm(width), enable_nested_tensor=False), nn.Linear(width, 10)

    def forward(self, tokens):
        return self.head(self.blocks(self.embedding(tokens) + self.positions).mean(1))


models = {
    "MLP 784-5-10": (mlp(784, 5, 10), (784,)),
    "MLP 512-32-32-10": (mlp(512, 32, 32, 10), (512,)),
    "MLP 784-512-512-10": (mlp(784, 512, 512, 10), (784,)),
    "CNN 32×32×3": (cnn(), (3, 32, 32)),
    "LeNet 28×28": (lenet(), (1, 28, 28)),
    "transformer 2×64, length 64": (Transformer(), None),
}


def step(model, x, y):
    parameters = list(model.parameters())
    for p in parameters:
        p.grad = None
    F.cross_entropy(model(x), y).backward()
    nn.utils.clip_grad_norm_(parameters, 1.0)
    with torch.no_grad():
        for p in parameters:
            p.add_(p.grad, alpha=-0.05)
            p.add_(torch.randn_like(p), alpha=1e-3)


def prepare(name):
    model, shape = models[name]
    x = torch.randint(0, 1000, (batch, 64)) if shape is None else torch.randn(batch, *shape)
    y = torch.randint(0, 10, (batch,))
    return lambda: step(model, x, y)


serve(torch.__version__, prepare)
