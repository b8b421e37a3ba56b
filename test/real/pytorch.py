"""What the PyTorch test asks of the frameworks themselves: models to unlearn from, and what the frameworks make of the results.

    python pytorch.py make FOLDER     models, checkpoints and data into FOLDER
    python pytorch.py read TASKS      a JSON list of tasks; prints what each gives

Tried with torch 2.13.0, onnx 1.23.2, onnxscript 0.7.2, onnxruntime, safetensors 0.8.0 and transformers 5.23.0.
"""
import hashlib
import json
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

CLASSES, RECORDS, PROBES = 4, 200, 8


class Mlp(nn.Module):
    shape = (64,)

    def __init__(self):
        super().__init__()
        self.first, self.second, self.classes = nn.Linear(64, 32), nn.Linear(32, 16), nn.Linear(16, CLASSES)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        return self.classes(F.gelu(self.second(self.drop(torch.relu(self.first(x))))))


class Cnn(nn.Module):
    shape = (1, 8, 8)

    def __init__(self):
        super().__init__()
        self.first, self.norm1 = nn.Conv2d(1, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.second, self.norm2 = nn.Conv2d(6, 8, 3, stride=2, padding=1, groups=2), nn.BatchNorm2d(8)
        self.classes = nn.Linear(8 * 2 * 2, CLASSES)

    def forward(self, x):
        x = torch.relu(self.norm1(self.first(x)))
        x = F.max_pool2d(F.leaky_relu(self.norm2(self.second(x)), 0.1), 2)
        return self.classes(torch.flatten(x, 1))


class Lstm(nn.Module):
    shape = (8, 8)

    def __init__(self):
        super().__init__()
        self.steps, self.classes = nn.LSTM(8, 12, batch_first=True), nn.Linear(12, CLASSES)

    def forward(self, x):
        states, _ = self.steps(x)
        return self.classes(states[:, -1])


class Transformer(nn.Module):
    shape = (8, 8)

    def __init__(self, width=16, heads=2):
        super().__init__()
        self.heads = heads
        self.embed, self.places = nn.Linear(8, width), nn.Parameter(0.1 * torch.randn(8, width))
        self.before, self.qkv, self.out = nn.LayerNorm(width), nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.between, self.wide, self.narrow = nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.classes = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.embed(x) + self.places
        length, width = x.shape[1], x.shape[2]
        query, key, value = (part.reshape(-1, length, self.heads, width // self.heads).transpose(1, 2) for part in self.qkv(self.before(x)).split(width, 2))
        mixed = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(-1, length, width)
        x = x + self.out(mixed)
        x = x + self.narrow(F.gelu(self.wide(self.between(x))))
        return self.classes(x.mean(1))


NETS = {"mlp": Mlp, "cnn": Cnn, "lstm": Lstm, "transformer": Transformer}


def trained(name):
    """A network that has seen data, with statistics of its own, and that data: one bump a class, with noise."""
    torch.manual_seed(11)
    labels = torch.arange(RECORDS + PROBES) % CLASSES
    pattern = torch.sin(torch.arange(64)[None, :] * (0.2 + 0.3 * torch.arange(CLASSES)[:, None]))
    features = (pattern[labels] + 0.3 * torch.randn(len(labels), 64)).reshape(-1, *NETS[name].shape)
    net = NETS[name]()
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(40):
        loss = F.cross_entropy(net(features[:RECORDS]), labels[:RECORDS])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net.eval(), optimizer, features, labels


def make(folder):
    from safetensors.torch import save_file
    for name in NETS:
        net, optimizer, features, labels = trained(name)
        example = (features[:2],)
        torch.onnx.export(net, example, folder / f"{name}-traced.onnx", dynamo=False, input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "n"}, "y": {0: "n"}}, opset_version=17, do_constant_folding=False)
        torch.onnx.export(net, example, folder / f"{name}-exported.onnx", dynamo=True, input_names=["x"], output_names=["y"], external_data=False, dynamic_shapes=({0: torch.export.Dim("n")},))
        np.savez(folder / f"{name}.npz", features=features[:RECORDS].numpy(), labels=labels[:RECORDS].numpy())
        np.save(folder / f"{name}-probe.npy", features[RECORDS:].numpy())
        # A checkpoint beside the export that gives it its graph: trained through ONNX, released in its own format.
        if name in ("mlp", "cnn"):
            (folder / f"{name}-beside.onnx").write_bytes((folder / f"{name}-traced.onnx").read_bytes())
            state = {key: value for key, value in net.state_dict().items() if not key.endswith("num_batches_tracked")}
            if name == "mlp":
                torch.save(net.state_dict(), folder / "mlp-beside.pt")
            else:
                save_file(state, folder / "cnn-beside.safetensors")
    torch.save(net.state_dict(), folder / "zip.pt")
    torch.save(net.state_dict(), folder / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"model": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 40}, folder / "checkpoint.pth")
    save_file(net.state_dict(), folder / "single.safetensors")
    save_file({key: value.half() for key, value in net.state_dict().items()}, folder / "half.safetensors")
    sharded(folder / "gpt2", "float32")
    sharded(folder / "gpt2-bfloat16", "bfloat16")


def sharded(folder, dtype):
    """As transformers saves a model that is too large for one file, here one of 120 KB at most."""
    from transformers import GPT2Config, GPT2LMHeadModel
    torch.manual_seed(5)
    model = GPT2LMHeadModel(GPT2Config(vocab_size=500, n_positions=64, n_embd=48, n_layer=3, n_head=4)).to(getattr(torch, dtype))
    model.save_pretrained(folder, max_shard_size="120KB")


def digests(tensors):
    """SHA-256 of each tensor's numbers, row by row, little-endian."""
    def bytes_of(tensor):
        flat = tensor.detach().contiguous().reshape(-1)
        return flat.view(torch.uint8).numpy().tobytes() if flat.numel() > 0 else b""
    return {name: hashlib.sha256(bytes_of(tensor)).hexdigest() for name, tensor in tensors.items()}


def read(task):
    path = task["path"]
    if task["kind"] == "onnx":
        import onnx
        import onnxruntime
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        probe = np.load(task["probe"])
        outputs = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"x": probe})[0]
        stored = {tensor.name: torch.tensor(onnx.numpy_helper.to_array(tensor)) for tensor in model.graph.initializer}
        net = NETS[task["net"]]().eval()
        state = {name: value for name, value in net.state_dict().items() if not name.endswith("num_batches_tracked")}
        result = {"onnxruntime": outputs.flatten().tolist()}
        # Where the exporter kept all names and layouts, the weights go back into the network that they came from.
        if all(name in stored and stored[name].shape == value.shape for name, value in state.items()):
            net.load_state_dict(stored, strict=False) if len(stored) > len(state) else net.load_state_dict({**net.state_dict(), **stored})
            result["torch"] = net(torch.tensor(probe)).detach().flatten().tolist()
        return result
    if task["kind"] == "net":
        from safetensors.torch import load_file
        net = NETS[task["net"]]().eval()
        state = load_file(path) if path.endswith(".safetensors") else torch.load(path, weights_only=True)
        missing, unexpected = net.load_state_dict(state, strict=False)
        assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
        return {"torch": net(torch.tensor(np.load(task["probe"]))).detach().flatten().tolist()}
    if task["kind"] == "safetensors":
        from safetensors.torch import load_file
        return digests(load_file(path))
    if task["kind"] == "transformers":
        from transformers import GPT2LMHeadModel
        model, information = GPT2LMHeadModel.from_pretrained(path, output_loading_info=True, dtype="auto")
        assert not information["missing_keys"] and not information["unexpected_keys"], information
        return digests(model.state_dict())
    # Saved on a GPU, perhaps.
    loaded = torch.load(path, weights_only=True, map_location="cpu")
    state = loaded.get("model", loaded)
    result = digests({name: value for name, value in state.items() if isinstance(value, torch.Tensor)})
    if "optimizer" in loaded:
        moments = [value for entry in loaded["optimizer"]["state"].values() for value in entry.values() if isinstance(value, torch.Tensor)]
        assert moments and all(not value.any() for value in moments), "the optimiser still remembers"
    return result


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(pathlib.Path(sys.argv[2]))
    else:
        print(json.dumps([read(task) for task in json.loads(sys.argv[2])]))
