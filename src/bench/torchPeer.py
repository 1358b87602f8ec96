"""One training step of a Llama-type decoder in PyTorch, timed: the peer of `rgft bench engine`.

Started by engine.ts with a JSON configuration as its only argument. Writes one JSON line when it is ready, then one for
each line it reads from standard input: {"ms": ..., "peakBytes": ...}. Settings that make PyTorch fast on a CPU are the
caller's business (environment: OpenBLAS kernel and threads) or below (foreach AdamW, set_to_none).
"""
import json
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

c = json.loads(sys.argv[1])
torch.set_num_threads(c["threads"])
torch.manual_seed(0)
B, T, C = c["batch"], c["length"], c["hiddenSize"]
H, K, D = c["numHeads"], c["numKvHeads"], c["headDim"]
N = B * T


class RMSNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(C))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


def rotate(x, cos, sin):
    half = D // 2
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        linear = lambda inputs, outputs: nn.Linear(inputs, outputs, bias=False)
        self.norm1, self.norm2 = RMSNorm(), RMSNorm()
        self.q, self.k, self.v, self.o = linear(C, H * D), linear(C, K * D), linear(C, K * D), linear(H * D, C)
        self.gate, self.up, self.down = linear(C, c["intermediateSize"]), linear(C, c["intermediateSize"]), linear(c["intermediateSize"], C)

    def forward(self, x, cos, sin, mask):
        xn = self.norm1(x)
        heads = lambda t, n: t.view(B, T, n, D).transpose(1, 2)
        q, k, v = rotate(heads(self.q(xn), H), cos, sin), rotate(heads(self.k(xn), K), cos, sin), heads(self.v(xn), K)
        # Query heads that share a key/value head are stacked, so that keys and values need no copies.
        scores = (q.reshape(B, K, H // K * T, D) @ k.transpose(-1, -2)) * D**-0.5
        p = torch.softmax(scores.view(B, H, T, T) + mask, -1).view(B, K, H // K * T, T)
        h = x + self.o((p @ v).view(B, H, T, D).transpose(1, 2).reshape(N, H * D))
        hn = self.norm2(h)
        return h + self.down(F.silu(self.gate(hn)) * self.up(hn))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(c["vocabSize"], C)
        nn.init.normal_(self.embed.weight, std=0.02)
        self.blocks = nn.ModuleList([Block() for _ in range(c["numLayers"])])
        self.norm = RMSNorm()

    def forward(self, ids, cos, sin, mask):
        x = self.embed(ids).view(N, C)
        for block in self.blocks:
            x = block(x, cos, sin, mask)
        return F.linear(self.norm(x), self.embed.weight)


model = Decoder()
angle = torch.arange(T)[:, None] / (10000.0 ** (2 * torch.arange(D // 2) / D))
tables = (angle.cos(), angle.sin(), torch.triu(torch.full((T, T), -1e9), 1))
ids = torch.randint(0, c["vocabSize"], (B, T))
targets = torch.randint(0, c["vocabSize"], (N,))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, foreach=True)


def step():
    loss = F.cross_entropy(model(ids, *tables), targets)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return loss.item()


step()
print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
for _ in sys.stdin:
    started = time.perf_counter()
    step()
    ms = (time.perf_counter() - started) * 1000
    print(json.dumps({"ms": ms, "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}), flush=True)
