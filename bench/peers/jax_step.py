"""One certified step in JAX on the CPU, for serve.py, as the authors of the method wrote theirs: one compiled function that takes the gradient of
the mean loss on the batch, clips it as one vector, adds the decay, moves, and adds Gaussian noise from JAX's generator. Unlike theirs, whose key
was a constant of the compiled function, it draws new noise at every step.
"""
import os

from serve import batch, serve, threads

if threads == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
from jax import lax, nn, random

rate, decay, radius, sigma = 0.05, 0.0, 1.0, 1e-3
keys = iter(random.split(random.PRNGKey(0), 10_000))


def dense(inputs, outputs):
    return {"w": random.normal(next(keys), (inputs, outputs)) * inputs ** -0.5, "b": jnp.zeros(outputs)}


def conv(size, inputs, outputs):
    return {"w": random.normal(next(keys), (size, size, inputs, outputs)) * (size * size * inputs) ** -0.5, "b": jnp.zeros(outputs)}


def linear(layer, x):
    return x @ layer["w"] + layer["b"]


def convolve(layer, x, padding):
    return lax.conv_general_dilated(x, layer["w"], (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")) + layer["b"]


def pool(x, start, combine):
    return lax.reduce_window(x, start, combine, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def mlp(*sizes):
    def apply(layers, x):
        for layer in layers[:-1]:
            x = nn.relu(linear(layer, x))
        return linear(layers[-1], x)

    return [dense(a, b) for a, b in zip(sizes, sizes[1:])], apply, (sizes[0],)


def cnn():
    def apply(p, x):
        x = pool(nn.relu(convolve(p[0], x, "SAME")), 0.0, lax.add) / 4
        x = pool(nn.relu(convolve(p[1], x, "SAME")), 0.0, lax.add) / 4
        return linear(p[2], x.mean((1, 2)))

    return [conv(3, 3, 32), conv(3, 32, 64), dense(64, 10)], apply, (32, 32, 3)


def lenet():
    def apply(p, x):
        x = pool(nn.relu(convolve(p[0], x, "VALID")), -jnp.inf, lax.max)
        x = pool(nn.relu(convolve(p[1], x, "VALID")), -jnp.inf, lax.max).reshape(batch, -1)
        return linear(p[4], nn.relu(linear(p[3], nn.relu(linear(p[2], x)))))

    return [conv(5, 1, 6), conv(5, 6, 16), dense(256, 120), dense(120, 84), dense(84, 10)], apply, (28, 28, 1)


def transformer(layers=2, width=64, heads=4, length=64, vocabulary=1000):
    def norm(p, x):
        mean = x.mean(-1, keepdims=True)
        return (x - mean) * lax.rsqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-5) * p["w"] + p["b"]

    def attend(p, x):
        q, k, v = (linear(p[name], x).reshape(batch, length, heads, -1) for name in "qkv")
        weights = nn.softmax(jnp.einsum("bqhd,bkhd->bhqk", q, k) * (width / heads) ** -0.5)
        return linear(p["o"], jnp.einsum("bhqk,bkhd->bqhd", weights, v).reshape(batch, length, width))

    def apply(p, tokens):
        x = p["embedding"][tokens] + p["positions"]
        for block in p["blocks"]:
            x = x + attend(block, norm(block["n1"], x))
            x = x + linear(block["down"], nn.gelu(linear(block["up"], norm(block["n2"], x)), approximate=False))
        return linear(p["head"], norm(p["norm"], x).mean(1))

    ones = lambda: {"w": jnp.ones(width), "b": jnp.zeros(width)}
    block = lambda: {**{name: dense(width, width) for name in "qkvo"}, "up": dense(width, 4 * width), "down": dense(4 * width, width), "n1": ones(), "n2": ones()}
    parameters = {
        "embedding": random.normal(next(keys), (vocabulary, width)),
        "positions": random.normal(next(keys), (length, width)) * 0.1,
        "blocks": [block() for _ in range(layers)],
        "norm": ones(),
        "head": dense(width, 10),
    }
    return parameters, apply, None


models = {
    "MLP 784-5-10": lambda: mlp(784, 5, 10),
    "MLP 512-32-32-10": lambda: mlp(512, 32, 32, 10),
    "MLP 784-512-512-10": lambda: mlp(784, 512, 512, 10),
    "CNN 32×32×3": cnn,
    "LeNet 28×28": lenet,
    "transformer 2×64, length 64": transformer,
}


def prepare(name):
    parameters, apply, shape = models[name]()
    x = random.randint(next(keys), (batch, 64), 0, 1000) if shape is None else random.normal(next(keys), (batch, *shape))
    y = random.randint(next(keys), (batch,), 0, 10)

    def loss(p, x, y):
        return -jnp.take_along_axis(nn.log_softmax(apply(p, x)), y[:, None], 1).mean()

    @jax.jit
    def update(p, key, x, y):
        gradient = jax.grad(loss)(p, x, y)
        scale = jnp.minimum(1.0, radius / jnp.sqrt(sum(jnp.sum(g**2) for g in jax.tree.leaves(gradient))))
        leaves, tree = jax.tree.flatten(p)
        key, *drawn = random.split(key, len(leaves) + 1)
        noise = jax.tree.unflatten(tree, [random.normal(k, leaf.shape) for k, leaf in zip(drawn, leaves)])
        return jax.tree.map(lambda v, g, z: v - rate * (scale * g + decay * v) + sigma * z, p, gradient, noise), key

    state = [parameters, random.PRNGKey(1)]

    def step():
        state[:] = jax.block_until_ready(update(*state, x, y))

    return step


serve(jax.__version__, prepare)
