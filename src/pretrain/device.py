"""Runs a pre-training plan (device.ts) on a CUDA card: the engine's graphs, node by node, with PyTorch's kernels.

    python3 device.py <plan folder> --out <folder> [--state <file>] [--max-steps N] [--exact-steps 200]

The first `--exact-steps` steps are computed as written, in float32, and can be compared with `rgft pretrain --max-steps`;
after them each graph is compiled and its products are taken in bfloat16 (weights, moments, residual stream, norms and
softmax stay in float32). Writes log.jsonl and the float32 weights, one after the other in the order of the plan, in parts
of 15 MiB. With --state the run can be killed and goes on from its last minute.
"""
import argparse
import concurrent.futures
import json
import math
import os
import time

import numpy as np
import torch

PART_BYTES = 15 << 20


def transposed(x, flag):
    return x.transpose(-1, -2) if flag else x


class Compiler:
    """Turns a graph function of the plan into a Python function of its inputs, in their order."""

    def __init__(self, product_type):
        # None: products in the type of their operands.
        self.product_type = product_type

    def product(self, a, b):
        if self.product_type is None:
            return a @ b
        return a.to(self.product_type) @ b.to(self.product_type)

    def apply(self, op, x, attributes, shapes):
        """Results of one node; the operators are those of src/engine/ops.ts."""
        a = attributes
        if op == "Add":
            return x[0] + x[1]
        if op == "Sub":
            return x[0] - x[1]
        if op == "Mul":
            return x[0] * x[1]
        if op == "Div":
            return x[0] / x[1]
        if op == "Neg":
            return -x[0]
        if op == "Sqrt":
            return torch.sqrt(x[0])
        if op == "Reciprocal":
            return 1 / x[0]
        if op == "Sigmoid":
            return torch.sigmoid(x[0])
        if op == "QuickGelu":
            return x[0] * torch.sigmoid(x[0])
        if op == "FusedMatMul":
            y = self.product(transposed(x[0], a.get("transA")), transposed(x[1], a.get("transB")))
            return y * a["alpha"] if a.get("alpha") is not None else y
        if op == "Gemm":
            y = self.product(transposed(x[0], a.get("transA")), transposed(x[1], a.get("transB")))
            return x[2] + y if len(x) > 2 else y
        if op == "Reshape":
            return x[0].reshape(a["shape"])
        if op == "Transpose":
            return x[0].permute(a["perm"])
        if op == "Slice":
            return x[0].narrow(a["axis"], a["start"], a["end"] - a["start"])
        if op == "Pad":
            pads = [0, 0] * (x[0].dim() - 1 - a["axis"]) + [a["before"], a["after"]]
            return torch.nn.functional.pad(x[0], pads)
        if op == "Concat":
            return torch.cat(x, dim=a["axis"])
        if op == "Unsqueeze":
            return x[0].unsqueeze(a["axis"])
        if op == "ScatterElements":
            return x[0].scatter_add(a["axis"], x[1], x[2].to(x[0].dtype))
        if op in ("ReduceSum", "ReduceMean", "ReduceSumSquare"):
            y = x[0].float()
            y = y * y if op == "ReduceSumSquare" else y
            reduce = torch.mean if op == "ReduceMean" else torch.sum
            return reduce(y, dim=a["axes"], keepdim=a["keepdims"])
        if op == "SimplifiedLayerNormalization":
            y = x[0].float()
            return y * torch.rsqrt(torch.mean(y * y, dim=-1, keepdim=True) + a["epsilon"]) * x[1]
        if op == "RotaryEmbedding":
            value, positions, cos, sin = x
            heads = value.reshape(*positions.shape, a["numHeads"], -1)
            half = cos.shape[1]
            c, s = cos[positions].unsqueeze(2), sin[positions].unsqueeze(2)
            first, second, rest = heads[..., :half], heads[..., half : 2 * half], heads[..., 2 * half :]
            parts = [first * c - second * s, second * c + first * s, rest]
            return torch.cat(parts, dim=-1).reshape(value.shape).to(value.dtype)
        if op == "Attention":
            q, k, v, mask = x
            B, H, T, D = q.shape
            K, S = k.shape[1], k.shape[2]
            scores = self.product(q.reshape(B, K, H // K * T, D), k.transpose(-1, -2)).float() * a["scale"]
            p = torch.softmax(scores.reshape(B, H, T, S) + mask, dim=-1)
            p = p if self.product_type is None else p.to(self.product_type)
            return self.product(p.reshape(B, K, H // K * T, S), v).reshape(q.shape), p
        if op == "LinearCrossEntropy":
            logits = self.product(x[0], x[1].t()).float()
            logs = torch.log_softmax(logits, dim=-1)
            target = x[2].unsqueeze(1)
            loss = -logs.gather(1, target)
            p = torch.exp(logs)
            margin = logits.amax(dim=-1, keepdim=True) - logits.gather(1, target)
            return loss, p, margin
        raise ValueError(f"The plan has an operator that device.py does not know: {op}")

    def function(self, graph, device):
        constants = {
            c["name"]: torch.full(c["shape"], c["data"], dtype=torch.float32, device=device)
            if not isinstance(c["data"], list)
            else torch.tensor(c["data"], dtype=torch.float32, device=device).reshape(c["shape"])
            for c in graph["constants"]
        }

        def run(*inputs):
            values = dict(zip(graph["inputs"], inputs))
            values.update(constants)
            for node in graph["nodes"]:
                shapes = [output["shape"] for output in node["outputs"]]
                results = self.apply(node["op"], [values[name] for name in node["inputs"]], node["attributes"], shapes)
                for output, result in zip(node["outputs"], results if isinstance(results, tuple) else (results,)):
                    values[output["name"]] = result
            return tuple(values[name] for name in graph["outputs"])

        return run


class Step:
    """Loss and gradients of one batch, as src/models/decoder.ts composes the graphs."""

    def __init__(self, plan, graphs, weights, device, product_type, compiled):
        compiler = Compiler(product_type)
        wrap = (lambda f: torch.compile(f, dynamic=False)) if compiled else (lambda f: f)
        self.graphs, self.plan, self.weights, self.device = graphs, plan, weights, device
        self.forward = wrap(compiler.function(graphs["block"]["forward"], device))
        self.backward = wrap(compiler.function(graphs["block"]["backward"], device))
        self.head = wrap(compiler.function(graphs["head"], device))
        half = len(plan["cos"]) // plan["recipe"]["seqLength"]
        self.tables = {
            name: torch.tensor(plan[name], dtype=torch.float32, device=device).reshape(-1, half) for name in ("cos", "sin")
        }
        self.mask_type = product_type or torch.float32

    def __call__(self, tokens):
        """tokens (B, T + 1) int64 -> mean loss; gradients go to the weights' .grad."""
        plan, weights = self.plan, self.weights
        ids, following = tokens[:, :-1], tokens[:, 1:]
        B, T = ids.shape
        ends = ids == plan["endOfText"]
        labels = torch.where(ends, torch.full_like(following, -100), following)
        segments = torch.cumsum(ends, dim=1) - ends.long()
        index = torch.arange(T, device=self.device).expand(B, T)
        starts = torch.cat([torch.zeros_like(ends[:, :1]), ends[:, :-1]], dim=1)
        positions = index - torch.cummax(torch.where(starts, index, torch.zeros_like(index)), dim=1).values
        allowed = (segments[:, :, None] == segments[:, None, :]) & (index[:, :, None] >= index[:, None, :])
        mask = torch.where(allowed, 0.0, -1e9).to(self.mask_type)[:, None]
        common = {"mask": mask, "positions": positions, **self.tables}

        def feeds(function, layer, values):
            known = {**common, **values}
            return [
                known[name] if name in known else weights[f"layers.{layer}.{name}"] for name in function["inputs"]
            ]

        graphs = self.graphs["block"]
        table = weights["embed_tokens.weight"]
        x = table[ids.reshape(-1)]
        saved = []
        names = graphs["forward"]["outputs"]
        for layer in range(plan["numLayers"]):
            outputs = self.forward(*feeds(graphs["forward"], layer, {"x": x}))
            saved.append({**dict(zip(names[1:], outputs[1:])), "x": x})
            x = outputs[0]
        flat = labels.reshape(-1)
        counted = (flat >= 0).float()
        targets = counted.sum()
        given = {
            "x": x,
            "norm.weight": weights["norm.weight"],
            "head": table,
            "labels": flat.clamp(min=0),
            "dLoss": (counted / targets)[:, None],
        }
        losses, dy, d_gain, d_head = self.head(*[given[name] for name in self.graphs["head"]["inputs"]])
        weights["norm.weight"].grad = d_gain.float()
        for layer in range(plan["numLayers"] - 1, -1, -1):
            outputs = self.backward(*feeds(graphs["backward"], layer, {**saved[layer], "dy": dy}))
            dy = outputs[0]
            saved[layer] = None
            for name, gradient in zip(graphs["gradients"], outputs[1:]):
                weights[f"layers.{layer}.{name}"].grad = gradient.float()
        table.grad = d_head.float().index_add(0, ids.reshape(-1), dy.float())
        return (losses[:, 0] * counted).sum() / targets


def mix32(h):
    h = h.astype(np.uint32)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def initial(parameter):
    """As `initialise` in pretrain.ts."""
    shape = parameter["shape"]
    if "fill" in parameter:
        return np.full(shape, parameter["fill"], dtype=np.float32)
    count = math.prod(shape)
    counter = np.arange(2 * count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(parameter["key"])
    uniform = (mix32(counter).astype(np.float64) + 0.5) / 2**32
    radius = parameter["deviation"] * np.sqrt(-2 * np.log(uniform[0::2]))
    return (radius * np.cos(2 * np.pi * uniform[1::2])).astype(np.float32).reshape(shape)


M32 = 0xFFFFFFFF


def mix(h):
    h = (h ^ (h >> 16)) * 0x85EBCA6B & M32
    h = (h ^ (h >> 13)) * 0xC2B2AE35 & M32
    return h ^ (h >> 16)


def hash_text(text):
    h = 0x811C9DC5
    for unit in text.encode("utf-16-le"):
        h = (h ^ unit) * 0x01000193 & M32
    return mix(h)


def epoch_order(count, seed, epoch):
    """As `epochOrder` in src/data/batches.ts: sfc32 (src/random.ts) and Fisher-Yates."""
    mixer = 0x9E3779B9
    for word in (seed & M32, seed >> 32):
        mixer = mix(mixer ^ word)
    for stream in ("order", str(epoch)):
        mixer = mix((mixer + 0x9E3779B9 & M32) ^ hash_text(stream))
    state = []
    for _ in range(3):
        mixer = mixer + 0x9E3779B9 & M32
        state.append(mix(mixer))
    a, b, c = state
    counter = 1
    order = list(range(count))
    skipped = 0
    last = count - 1
    while last > 0:
        value = a + b + counter & M32
        a = b ^ (b >> 9)
        b = c + (c << 3) & M32
        c = (((c << 21) & M32) | (c >> 11)) + value & M32
        counter += 1
        if skipped < 12:
            skipped += 1
            continue
        if value < 0x100000000 - 0x100000000 % (last + 1):
            other = value % (last + 1)
            order[last], order[other] = order[other], order[last]
            last -= 1
    return np.array(order, dtype=np.int64)


def learning_rate(step, schedule):
    """As src/trainer/schedule.ts."""
    peak, warmup, total = schedule["learningRate"], schedule["warmupSteps"], schedule["totalSteps"]
    if step <= warmup:
        return peak * step / warmup
    decay_steps = schedule.get("decaySteps", total - warmup)
    progress = min(max((step - (total - decay_steps)) / (decay_steps + 1), 0), 1)
    final = schedule.get("finalShare", 0)
    shares = {"constant": 1, "linear": 1 - progress, "cosine": (1 + math.cos(math.pi * progress)) / 2}
    return peak * (final + (1 - final) * shares[schedule["decay"]])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("plan")
    parser.add_argument("--out", required=True)
    parser.add_argument("--state")
    parser.add_argument("--max-steps", type=int, default=1 << 30)
    parser.add_argument("--exact-steps", type=int, default=200)
    parser.add_argument("--max-seconds", type=float, default=1e9)
    parser.add_argument("--fit-seconds", type=float, help="end the schedule after so many seconds")
    parser.add_argument("--log-every", type=int, default=20)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(options.plan, "plan.json")) as file:
        plan = json.load(file)
    recipe = plan["recipe"]
    schedule, length = recipe["schedule"], recipe["seqLength"]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cuda.matmul.allow_tf32 = False
    tokens = np.fromfile(os.path.join(options.plan, "tokens.bin"), dtype=np.uint16).astype(np.int16)
    tokens = torch.from_numpy(tokens).to(device)
    epochs = math.ceil(plan["rows"] / plan["rowsPerEpoch"])
    with concurrent.futures.ProcessPoolExecutor() as pool:
        orders = list(pool.map(epoch_order, [plan["rowsPerEpoch"]] * epochs, [recipe["seed"]] * epochs, range(epochs)))
    order = torch.from_numpy(np.concatenate(orders)).to(device)
    offsets = torch.arange(length + 1, device=device)

    weights = {p["name"]: torch.from_numpy(initial(p)).to(device) for p in plan["parameters"]}
    state = None
    if options.state and os.path.exists(options.state):
        state = torch.load(options.state, map_location=device)
        weights = state["weights"]
    matrices = [w for w in weights.values() if w.dim() > 1]
    vectors = [w for w in weights.values() if w.dim() == 1]
    for w in weights.values():
        w.requires_grad_(True)
    groups = [{"params": matrices, "weight_decay": recipe["weightDecay"]}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(
        groups, lr=1.0, betas=tuple(plan["betas"]), eps=plan["epsilon"], **({"fused": True} if device == "cuda" else {})
    )
    step, rows_drawn = 0, 0
    if state:
        optimizer.load_state_dict(state["optimizer"])
        step, rows_drawn = state["step"], state["rows"]

    steps = {}

    def step_function(rows, exact):
        key = (rows, exact)
        if key not in steps:
            graphs = next(g for g in plan["graphs"] if g["rows"] == rows)
            # Compiling and half precision are for the card.
            fast = device == "cuda" and not exact
            steps[key] = Step(plan, graphs, weights, device, torch.bfloat16 if fast else None, fast)
        return steps[key]

    log = open(os.path.join(options.out, "log.jsonl"), "a")
    started = time.time()
    saved_at = started
    pending, norms = [], []
    first_row = rows_drawn

    def save_weights():
        data = np.concatenate([weights[p["name"]].detach().float().cpu().numpy().reshape(-1) for p in plan["parameters"]])
        data = data.tobytes()
        for part in range(0, math.ceil(len(data) / PART_BYTES)):
            with open(os.path.join(options.out, f"weights.{part}"), "wb") as file:
                file.write(data[part * PART_BYTES : (part + 1) * PART_BYTES])

    last = min(schedule["totalSteps"], options.max_steps)
    fitted = None
    with torch.no_grad():
        while step < last and time.time() - started < options.max_seconds:
            step += 1
            # The time that is left decides how long the schedule is, before its decay has begun.
            if options.fit_seconds and step in (options.exact_steps + 300, options.exact_steps + 900):
                torch.cuda.synchronize()
                if fitted is None:
                    fitted = (time.time(), step)
                else:
                    rate = (step - fitted[1]) / (time.time() - fitted[0])
                    steps_left = int((options.fit_seconds - (time.time() - started)) * rate)
                    whole = min(step + steps_left, schedule["totalSteps"]) // 100 * 100
                    schedule["decaySteps"] -= schedule["totalSteps"] - whole
                    schedule["totalSteps"] = last = whole
                    print(f"{rate:.1f} steps/s: totalSteps {whole}, decaySteps {schedule['decaySteps']}", flush=True)
            rows = [entry["rows"] for entry in recipe["batchRows"] if entry["fromStep"] <= step][-1]
            at = torch.arange(rows_drawn, rows_drawn + rows, device=device)
            drawn = order[at // plan["rowsPerEpoch"] * plan["rowsPerEpoch"] + at % plan["rowsPerEpoch"]]
            rows_drawn += rows
            batch = tokens[drawn[:, None] * length + offsets].long()
            loss = step_function(rows, step <= options.exact_steps)(batch)
            gradients = [w.grad for w in weights.values()]
            norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
            torch._foreach_mul_(gradients, torch.clamp(recipe["clipNorm"] / norm, max=1.0))
            rate = learning_rate(step, schedule)
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            pending.append(loss)
            norms.append(norm)
            if step % options.log_every == 0 or step == last:
                elapsed = time.time() - started
                mean = torch.stack(pending).mean().item()
                if not math.isfinite(mean):
                    raise SystemExit(f"LOSS_NOT_FINITE: step {step}: loss {mean}")
                record = {
                    "step": step,
                    "loss": pending[-1].item(),
                    "meanLoss": mean,
                    "learningRate": rate,
                    "gradNorm": norms[-1].item(),
                    "tokens": rows_drawn * length,
                    "seconds": round(elapsed, 2),
                }
                log.write(json.dumps(record) + "\n")
                log.flush()
                if step % (10 * options.log_every) == 0 or step == last:
                    speed = (rows_drawn - first_row) * length / elapsed
                    print(f"step {step}/{last} loss {mean:.4f} norm {record['gradNorm']:.2f} {speed:.0f} tok/s", flush=True)
                pending, norms = [], []
                if time.time() - saved_at > 60:
                    saved_at = time.time()
                    save_weights()
                    if options.state:
                        kept = {"weights": weights, "optimizer": optimizer.state_dict(), "step": step, "rows": rows_drawn}
                        torch.save(kept, options.state + ".new")
                        os.replace(options.state + ".new", options.state)
    save_weights()


if __name__ == "__main__":
    main()
