"""Writes the golden files that every test of the model families is measured against.

Run by hand, with PyTorch and numpy, from anywhere:  python3 test/golden/generate.py
The results are committed; tests need no Python. Same PyTorch version, same bytes.

Each family is written here from its Hugging Face definition, plainly and without looking at the TypeScript:
  * parameters carry their checkpoint names and checkpoint layouts (GPT-2's Conv1D is [in, out]; fused matrices stay
    fused), so the gradients are those of the checkpoint tensors;
  * labels are not shifted in the file; the loss shifts them (logits[:, :-1] against labels[:, 1:]), leaves out -100 and
    is the mean over what remains;
  * rotary tables, norms and softmax are computed in float32, as transformers does for float32 models.

Folders written beside this file:
  <name>/config.json, model.safetensors (or shards with an index), golden.safetensors
  adamw/golden.safetensors                          torch.optim.AdamW on one vector
  tokenizer/tokenizer.json, tokenizer_config.json, special_tokens_map.json
"""

import json
import math
import re
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

HERE = Path(__file__).resolve().parent
SEED = 20240229
BATCH, LENGTH, STEPS = 2, 10, 10
ADAMW = {"lr": 1e-3, "betas": [0.9, 0.95], "eps": 1e-8, "weight_decay": 0.1}

# ------------------------------------------------------------------------------------------------- safetensors writer

DTYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int32: "I32"}
BYTES = {"F32": 4, "I32": 4, "F16": 2, "BF16": 2}


def raw_bytes(tensor):
    tensor = tensor.detach().contiguous()
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).numpy().tobytes()
    return tensor.numpy().tobytes()


def write_safetensors(path, tensors, metadata):
    """8 bytes of header length, header, data; wider types first, then by name, as the safetensors library does."""
    names = sorted(tensors, key=lambda name: (-BYTES[DTYPES[tensors[name].dtype]], name))
    header, offset = {"__metadata__": metadata}, 0
    for name in names:
        dtype, shape = DTYPES[tensors[name].dtype], list(tensors[name].shape)
        size = BYTES[dtype] * math.prod(shape)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in names:
            file.write(raw_bytes(tensors[name]))


def generator_metadata(**extra):
    versions = {
        "generator": "test/golden/generate.py",
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": sys.version.split()[0],
        "seed": str(SEED),
    }
    return {**versions, **{key: json.dumps(value) for key, value in extra.items()}}


# --------------------------------------------------------------------------------------------------- building blocks


def rms_norm(x, weight, eps):
    return weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps))


def layer_norm(x, p, name, eps):
    return F.layer_norm(x, (x.shape[-1],), p[name + ".weight"], p[name + ".bias"], eps)


def linear(x, p, name):
    """nn.Linear: weight [out, in]; the bias is used where the checkpoint has one."""
    return F.linear(x, p[name + ".weight"], p.get(name + ".bias"))


def conv1d(x, p, name):
    """transformers' Conv1D: weight [in, out]."""
    return torch.matmul(x, p[name + ".weight"]) + p[name + ".bias"]


def gelu_tanh(x):
    """NewGELUActivation / gelu_pytorch_tanh, written out."""
    return 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0))))


ACTIVATIONS = {
    "silu": F.silu,
    "gelu": F.gelu,
    "gelu_new": gelu_tanh,
    "gelu_pytorch_tanh": gelu_tanh,
}


def inverse_frequencies(dim, theta, scaling):
    inv_freq = 1.0 / (theta ** (torch.arange(0, dim, 2, dtype=torch.int64).float() / dim))
    if scaling is None:
        return inv_freq
    kind = scaling.get("rope_type", scaling.get("type"))
    if kind == "linear":
        return inv_freq / scaling["factor"]
    assert kind == "llama3"
    factor, low, high = scaling["factor"], scaling["low_freq_factor"], scaling["high_freq_factor"]
    original = scaling["original_max_position_embeddings"]
    wavelen = 2 * math.pi / inv_freq
    scaled = torch.where(wavelen > original / low, inv_freq / factor, inv_freq)
    smooth = (original / wavelen - low) / (high - low)
    smoothed = (1 - smooth) * scaled / factor + smooth * scaled
    is_medium = ~(wavelen < original / high) & ~(wavelen > original / low)
    return torch.where(is_medium, smoothed, scaled)


def rotate_half(x):
    half = x.shape[-1] // 2
    return torch.cat((-x[..., half:], x[..., :half]), dim=-1)


def apply_rope(x, inv_freq):
    """x (B, heads, T, dim), all of dim rotated."""
    positions = torch.arange(x.shape[2], dtype=torch.float32)
    angles = torch.outer(positions, inv_freq)
    angles = torch.cat((angles, angles), dim=-1)
    return x * angles.cos() + rotate_half(x) * angles.sin()


def split_heads(x, heads):
    """(B, T, heads * D) -> (B, heads, T, D)"""
    return x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)


def causal_attention(q, k, v):
    """q (B, H, T, D), k and v (B, K, T, D); key/value head g serves query heads g*H/K ... (g+1)*H/K - 1."""
    groups = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(groups, dim=1), v.repeat_interleave(groups, dim=1)
    scores = torch.matmul(q, k.transpose(2, 3)) * q.shape[-1] ** -0.5
    length = q.shape[2]
    mask = torch.tril(torch.ones(length, length, dtype=torch.bool))
    scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    out = torch.matmul(torch.softmax(scores, dim=-1), v)
    return out.transpose(1, 2).reshape(q.shape[0], length, -1)


# ----------------------------------------------------------------------------------------------------------- families
# shapes(config): every tensor of the checkpoint.  forward(p, config, ids): logits.


def llama_shapes(c):
    C, V, I = c["hidden_size"], c["vocab_size"], c["intermediate_size"]
    D = c.get("head_dim") or C // c["num_attention_heads"]
    q, kv = c["num_attention_heads"] * D, c["num_key_value_heads"] * D
    qwen2 = c["model_type"] == "qwen2"
    shapes = {"model.embed_tokens.weight": [V, C]}
    for l in range(c["num_hidden_layers"]):
        b = f"model.layers.{l}."
        shapes[b + "input_layernorm.weight"] = [C]
        shapes[b + "post_attention_layernorm.weight"] = [C]
        for name, rows, cols in [("q", q, C), ("k", kv, C), ("v", kv, C), ("o", C, q)]:
            shapes[f"{b}self_attn.{name}_proj.weight"] = [rows, cols]
            if c.get("attention_bias") or (qwen2 and name != "o"):
                shapes[f"{b}self_attn.{name}_proj.bias"] = [rows]
        if c["model_type"] == "qwen3":
            shapes[b + "self_attn.q_norm.weight"] = [D]
            shapes[b + "self_attn.k_norm.weight"] = [D]
        for name, rows, cols in [("gate", I, C), ("up", I, C), ("down", C, I)]:
            shapes[f"{b}mlp.{name}_proj.weight"] = [rows, cols]
            if c.get("mlp_bias"):
                shapes[f"{b}mlp.{name}_proj.bias"] = [rows]
    shapes["model.norm.weight"] = [C]
    if not c["tie_word_embeddings"]:
        shapes["lm_head.weight"] = [V, C]
    return shapes


def llama_inverse_frequencies(c):
    D = c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]
    parameters = c.get("rope_parameters")
    if parameters:
        scaling = None if parameters["rope_type"] == "default" else parameters
        return inverse_frequencies(D, parameters["rope_theta"], scaling)
    return inverse_frequencies(D, c["rope_theta"], c.get("rope_scaling"))


def llama_forward(p, c, ids):
    eps, act = c["rms_norm_eps"], ACTIVATIONS[c["hidden_act"]]
    H, K = c["num_attention_heads"], c["num_key_value_heads"]
    inv_freq = llama_inverse_frequencies(c)
    x = p["model.embed_tokens.weight"][ids]
    for l in range(c["num_hidden_layers"]):
        b = f"model.layers.{l}."
        h = rms_norm(x, p[b + "input_layernorm.weight"], eps)
        q = split_heads(linear(h, p, b + "self_attn.q_proj"), H)
        k = split_heads(linear(h, p, b + "self_attn.k_proj"), K)
        v = split_heads(linear(h, p, b + "self_attn.v_proj"), K)
        if c["model_type"] == "qwen3":
            q = rms_norm(q, p[b + "self_attn.q_norm.weight"], eps)
            k = rms_norm(k, p[b + "self_attn.k_norm.weight"], eps)
        attention = causal_attention(apply_rope(q, inv_freq), apply_rope(k, inv_freq), v)
        x = x + linear(attention, p, b + "self_attn.o_proj")
        h = rms_norm(x, p[b + "post_attention_layernorm.weight"], eps)
        gated = act(linear(h, p, b + "mlp.gate_proj")) * linear(h, p, b + "mlp.up_proj")
        x = x + linear(gated, p, b + "mlp.down_proj")
    x = rms_norm(x, p["model.norm.weight"], eps)
    return F.linear(x, p["model.embed_tokens.weight" if c["tie_word_embeddings"] else "lm_head.weight"])


def gpt2_shapes(c):
    C, I = c["n_embd"], c["n_inner"]
    shapes = {"transformer.wte.weight": [c["vocab_size"], C], "transformer.wpe.weight": [c["n_positions"], C]}
    bigcode = c["model_type"] == "gpt_bigcode"
    fused = C + 2 * (C // c["n_head"]) if bigcode and c["multi_query"] else 3 * C
    for l in range(c["n_layer"]):
        b = f"transformer.h.{l}."
        for name in ["ln_1", "ln_2"]:
            shapes[b + name + ".weight"] = shapes[b + name + ".bias"] = [C]
        for name, out, inputs in [("attn.c_attn", fused, C), ("attn.c_proj", C, C), ("mlp.c_fc", I, C), ("mlp.c_proj", C, I)]:
            shapes[b + name + ".weight"] = [out, inputs] if bigcode else [inputs, out]
            shapes[b + name + ".bias"] = [out]
    shapes["transformer.ln_f.weight"] = shapes["transformer.ln_f.bias"] = [C]
    return shapes


def gpt2_forward(p, c, ids):
    eps, act, H, C = c["layer_norm_epsilon"], ACTIVATIONS[c["activation_function"]], c["n_head"], c["n_embd"]
    x = p["transformer.wte.weight"][ids] + p["transformer.wpe.weight"][: ids.shape[1]]
    for l in range(c["n_layer"]):
        b = f"transformer.h.{l}."
        fused = conv1d(layer_norm(x, p, b + "ln_1", eps), p, b + "attn.c_attn")
        q, k, v = (split_heads(part, H) for part in fused.split(C, dim=2))
        x = x + conv1d(causal_attention(q, k, v), p, b + "attn.c_proj")
        h = act(conv1d(layer_norm(x, p, b + "ln_2", eps), p, b + "mlp.c_fc"))
        x = x + conv1d(h, p, b + "mlp.c_proj")
    return F.linear(layer_norm(x, p, "transformer.ln_f", eps), p["transformer.wte.weight"])


def bigcode_forward(p, c, ids):
    eps, act, H, C = c["layer_norm_epsilon"], ACTIVATIONS[c["activation_function"]], c["n_head"], c["n_embd"]
    D = C // H
    x = p["transformer.wte.weight"][ids] + p["transformer.wpe.weight"][: ids.shape[1]]
    for l in range(c["n_layer"]):
        b = f"transformer.h.{l}."
        fused = linear(layer_norm(x, p, b + "ln_1", eps), p, b + "attn.c_attn")
        if c["multi_query"]:
            q, key_value = fused.split((C, 2 * D), dim=2)
            k, v = key_value.split((D, D), dim=-1)
            q, k, v = split_heads(q, H), k.unsqueeze(1), v.unsqueeze(1)
        else:
            # transformers: .view(B, T, H, 3 * D).transpose(1, 2).split((D, 2 * D), dim=3), then split again
            q, k, v = fused.view(*fused.shape[:2], H, 3 * D).transpose(1, 2).split((D, D, D), dim=3)
        x = x + linear(causal_attention(q, k, v), p, b + "attn.c_proj")
        h = act(linear(layer_norm(x, p, b + "ln_2", eps), p, b + "mlp.c_fc"))
        x = x + linear(h, p, b + "mlp.c_proj")
    return F.linear(layer_norm(x, p, "transformer.ln_f", eps), p["transformer.wte.weight"])


def neox_shapes(c):
    C, I, V = c["hidden_size"], c["intermediate_size"], c["vocab_size"]
    shapes = {"gpt_neox.embed_in.weight": [V, C]}
    for l in range(c["num_hidden_layers"]):
        b = f"gpt_neox.layers.{l}."
        for name in ["input_layernorm", "post_attention_layernorm"]:
            shapes[b + name + ".weight"] = shapes[b + name + ".bias"] = [C]
        for name, out, inputs in [
            ("attention.query_key_value", 3 * C, C),
            ("attention.dense", C, C),
            ("mlp.dense_h_to_4h", I, C),
            ("mlp.dense_4h_to_h", C, I),
        ]:
            shapes[b + name + ".weight"], shapes[b + name + ".bias"] = [out, inputs], [out]
    shapes["gpt_neox.final_layer_norm.weight"] = shapes["gpt_neox.final_layer_norm.bias"] = [C]
    shapes["embed_out.weight"] = [V, C]
    return shapes


def neox_forward(p, c, ids):
    eps, act, H = c["layer_norm_eps"], ACTIVATIONS[c["hidden_act"]], c["num_attention_heads"]
    D = c["hidden_size"] // H
    rotary = int(D * c["rotary_pct"])
    inv_freq = inverse_frequencies(rotary, c["rotary_emb_base"], None)

    def rope(x):
        return torch.cat((apply_rope(x[..., :rotary], inv_freq), x[..., rotary:]), dim=-1)

    x = p["gpt_neox.embed_in.weight"][ids]
    for l in range(c["num_hidden_layers"]):
        b = f"gpt_neox.layers.{l}."
        fused = linear(layer_norm(x, p, b + "input_layernorm", eps), p, b + "attention.query_key_value")
        fused = fused.view(*fused.shape[:2], H, 3 * D)
        q, k, v = (fused[..., i * D : (i + 1) * D].permute(0, 2, 1, 3) for i in range(3))
        attention = linear(causal_attention(rope(q), rope(k), v), p, b + "attention.dense")
        if c["use_parallel_residual"]:
            mlp_input = layer_norm(x, p, b + "post_attention_layernorm", eps)
        else:
            x = x + attention
            mlp_input = layer_norm(x, p, b + "post_attention_layernorm", eps)
        mlp = linear(act(linear(mlp_input, p, b + "mlp.dense_h_to_4h")), p, b + "mlp.dense_4h_to_h")
        x = x + mlp + attention if c["use_parallel_residual"] else x + mlp
    return F.linear(layer_norm(x, p, "gpt_neox.final_layer_norm", eps), p["embed_out.weight"])


def starcoder2_shapes(c):
    C, I, V = c["hidden_size"], c["intermediate_size"], c["vocab_size"]
    kv = c["num_key_value_heads"] * (C // c["num_attention_heads"])
    shapes = {"model.embed_tokens.weight": [V, C]}
    for l in range(c["num_hidden_layers"]):
        b = f"model.layers.{l}."
        for name in ["input_layernorm", "post_attention_layernorm"]:
            shapes[b + name + ".weight"] = shapes[b + name + ".bias"] = [C]
        for name, out, inputs in [
            ("self_attn.q_proj", C, C),
            ("self_attn.k_proj", kv, C),
            ("self_attn.v_proj", kv, C),
            ("self_attn.o_proj", C, C),
            ("mlp.c_fc", I, C),
            ("mlp.c_proj", C, I),
        ]:
            shapes[b + name + ".weight"], shapes[b + name + ".bias"] = [out, inputs], [out]
    shapes["model.norm.weight"] = shapes["model.norm.bias"] = [C]
    return shapes


def starcoder2_forward(p, c, ids):
    eps, act = c["norm_epsilon"], ACTIVATIONS[c["hidden_act"]]
    H, K = c["num_attention_heads"], c["num_key_value_heads"]
    inv_freq = inverse_frequencies(c["hidden_size"] // H, c["rope_theta"], None)
    x = p["model.embed_tokens.weight"][ids]
    for l in range(c["num_hidden_layers"]):
        b = f"model.layers.{l}."
        h = layer_norm(x, p, b + "input_layernorm", eps)
        q = apply_rope(split_heads(linear(h, p, b + "self_attn.q_proj"), H), inv_freq)
        k = apply_rope(split_heads(linear(h, p, b + "self_attn.k_proj"), K), inv_freq)
        v = split_heads(linear(h, p, b + "self_attn.v_proj"), K)
        x = x + linear(causal_attention(q, k, v), p, b + "self_attn.o_proj")
        h = layer_norm(x, p, b + "post_attention_layernorm", eps)
        x = x + linear(act(linear(h, p, b + "mlp.c_fc")), p, b + "mlp.c_proj")
    return F.linear(layer_norm(x, p, "model.norm", eps), p["model.embed_tokens.weight"])


FAMILIES = {
    "llama": (llama_shapes, llama_forward),
    "qwen2": (llama_shapes, llama_forward),
    "qwen3": (llama_shapes, llama_forward),
    "gpt2": (gpt2_shapes, gpt2_forward),
    "gpt_bigcode": (gpt2_shapes, bigcode_forward),
    "gpt_neox": (neox_shapes, neox_forward),
    "starcoder2": (starcoder2_shapes, starcoder2_forward),
}

# ----------------------------------------------------------------------------------------------------- configurations

IDS = {"bos_token_id": 1, "eos_token_id": 2, "torch_dtype": "float32", "transformers_version": "4.46.0"}
LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 96,
    "max_position_embeddings": 64,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "rope_scaling": None,
    "attention_bias": False,
    "mlp_bias": False,
    "tie_word_embeddings": True,
    **IDS,
}
LLAMA3_RULE = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
GPT = {
    "n_embd": 32,
    "n_inner": 48,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": 24,
    "vocab_size": 96,
    "layer_norm_epsilon": 1e-5,
    "scale_attn_weights": True,
    "tie_word_embeddings": True,
    **IDS,
}
BIGCODE = {**GPT, "architectures": ["GPTBigCodeForCausalLM"], "model_type": "gpt_bigcode", "activation_function": "gelu_pytorch_tanh"}
SMALL = {"num_hidden_layers": 1, "vocab_size": 320}

VARIANTS = {
    "llama-gqa-untied": {**LLAMA, "tie_word_embeddings": False},
    "llama-biases-tied": {**LLAMA, "num_key_value_heads": 4, "attention_bias": True, "mlp_bias": True},
    # theta 10000, 8 features: the four wavelengths (6, 63, 628, 6283) fall under all three branches of the rule
    "llama-rope-llama3": {
        **{key: value for key, value in LLAMA.items() if key not in ("rope_theta", "rope_scaling", "torch_dtype")},
        "dtype": "float32",
        "transformers_version": "5.0.0",
        "num_hidden_layers": 1,
        "max_position_embeddings": 512,
        "rope_parameters": {**LLAMA3_RULE, "rope_theta": 10000.0},
    },
    "llama-rope-linear": {**LLAMA, "num_hidden_layers": 1, "rope_theta": 100000.0, "rope_scaling": {"type": "linear", "factor": 4.0}},
    "qwen2": {
        **{key: value for key, value in LLAMA.items() if key not in ("attention_bias", "mlp_bias")},
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "rms_norm_eps": 1e-6,
        "rope_theta": 1000000.0,
        "sliding_window": 4,
        "use_sliding_window": False,
        "max_window_layers": 2,
    },
    "qwen3": {
        **{key: value for key, value in LLAMA.items() if key != "mlp_bias"},
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "head_dim": 12,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1000000.0,
    },
    "gpt2": {**GPT, "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new"},
    "gpt-bigcode-multi-query": {**BIGCODE, "multi_query": True},
    "gpt-bigcode-multi-head": {**BIGCODE, "multi_query": False},
    "gpt-neox": {
        "architectures": ["GPTNeoXForCausalLM"],
        "model_type": "gpt_neox",
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "vocab_size": 96,
        "max_position_embeddings": 64,
        "hidden_act": "gelu",
        "layer_norm_eps": 1e-5,
        "rotary_pct": 0.5,
        "rotary_emb_base": 10000,
        "use_parallel_residual": True,
        "tie_word_embeddings": False,
        **IDS,
    },
    "starcoder2": {
        "architectures": ["Starcoder2ForCausalLM"],
        "model_type": "starcoder2",
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": 96,
        "max_position_embeddings": 64,
        "sliding_window": 32,
        "hidden_act": "gelu_pytorch_tanh",
        "norm_epsilon": 1e-5,
        "norm_type": "layer_norm",
        "mlp_type": "default",
        "use_bias": True,
        "rope_theta": 10000.0,
        "tie_word_embeddings": True,
        **IDS,
    },
}


def random_parameters(config, seed):
    """Every weight matters: norm weights around 1, biases away from 0, projections large enough to curve things."""
    generator = torch.Generator().manual_seed(seed)
    shapes_of, _ = FAMILIES[config["model_type"]]
    parameters = {}
    for name, shape in sorted(shapes_of(config).items()):
        values = torch.randn(shape, generator=generator)
        if len(shape) == 1:
            is_norm_weight = name.endswith(".weight")
            values = values * 0.2 + (1.0 if is_norm_weight else 0.0)
        else:
            values = values * (0.5 if "embed" in name or "wte" in name or "wpe" in name else 0.25)
        parameters[name] = values
    return parameters


def loss_of(logits, labels):
    vocabulary = logits.shape[-1]
    return F.cross_entropy(logits[:, :-1].reshape(-1, vocabulary), labels[:, 1:].reshape(-1), ignore_index=-100)


def random_batch(vocab_size, seed):
    generator = torch.Generator().manual_seed(seed)
    input_ids = torch.randint(0, vocab_size, (BATCH, LENGTH), generator=generator)
    labels = input_ids.clone()
    labels[0, :3] = -100  # a prompt
    labels[1, 7:] = -100  # padding
    labels[1, 4] = -100  # one in the middle
    return input_ids, labels


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_variant(name, config, seed):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    write_json(folder / "config.json", config)
    _, forward = FAMILIES[config["model_type"]]
    parameters = {key: value.requires_grad_() for key, value in random_parameters(config, seed).items()}
    write_safetensors(folder / "model.safetensors", parameters, {"format": "pt"})

    input_ids, labels = random_batch(config["vocab_size"], seed + 1)
    logits = forward(parameters, config, input_ids)
    loss = loss_of(logits, labels)
    loss.backward()
    golden = {"input_ids": input_ids.int(), "labels": labels.int(), "logits": logits.detach(), "loss": loss.detach().reshape(1)}
    golden.update({"grad." + key: value.grad.clone() for key, value in parameters.items()})
    if config["model_type"] in ("llama", "qwen2", "qwen3"):
        golden["inverse_frequencies"] = llama_inverse_frequencies(config)

    optimizer = torch.optim.AdamW(
        list(parameters.values()), lr=ADAMW["lr"], betas=tuple(ADAMW["betas"]), eps=ADAMW["eps"], weight_decay=ADAMW["weight_decay"]
    )
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        step_loss = loss_of(forward(parameters, config, input_ids), labels)
        losses.append(step_loss.item())
        step_loss.backward()
        optimizer.step()
    golden["step_losses"] = torch.tensor(losses)  # the loss before each of the steps
    golden["loss_after_steps"] = loss_of(forward(parameters, config, input_ids), labels).detach().reshape(1)
    write_safetensors(folder / "golden.safetensors", golden, generator_metadata(adamw=ADAMW))
    print(f"{name:26s} loss {loss.item():.4f} -> {golden['loss_after_steps'].item():.4f}")


def write_low_precision(name, dtype, torch_dtype, seed):
    """A checkpoint in half precision and, in golden.safetensors, the exact float32 value of every stored number."""
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    config = {**LLAMA, **SMALL, "hidden_size": 16, "intermediate_size": 24, "torch_dtype": torch_dtype}
    write_json(folder / "config.json", config)
    stored = {key: value.to(dtype) for key, value in random_parameters(config, seed).items()}
    for value in stored.values():  # a subnormal half, the largest half and a negative zero in every tensor
        value.view(-1)[:3] = torch.tensor([3 * 2.0**-24, 65504.0, -0.0]).to(dtype)
    write_safetensors(folder / "model.safetensors", stored, {"format": "pt"})
    write_safetensors(folder / "golden.safetensors", {key: value.float() for key, value in stored.items()}, generator_metadata())


def write_sharded(name, seed):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    config = {**LLAMA, **SMALL, "hidden_size": 16, "intermediate_size": 24}
    write_json(folder / "config.json", config)
    parameters = random_parameters(config, seed)
    names = sorted(parameters)
    cuts = [names[0::3], names[1::3], names[2::3]]
    weight_map = {}
    for index, part in enumerate(cuts):
        file = f"model-{index + 1:05d}-of-{len(cuts):05d}.safetensors"
        write_safetensors(folder / file, {key: parameters[key] for key in part}, {"format": "pt"})
        weight_map.update({key: file for key in part})
    total = sum(4 * value.numel() for value in parameters.values())
    write_json(folder / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))})
    write_safetensors(folder / "golden.safetensors", {"sum." + key: value.double().sum().float().reshape(1) for key, value in parameters.items()}, generator_metadata())


def write_adamw(seed):
    folder = HERE / "adamw"
    folder.mkdir(exist_ok=True)
    generator = torch.Generator().manual_seed(seed)
    size = 33
    weight = torch.randn(size, generator=generator).requires_grad_()
    # From far below eps to large: every regime of the update.
    scales = torch.logspace(-10, 2, size)
    gradients = torch.randn(STEPS, size, generator=generator) * scales
    optimizer = torch.optim.AdamW(
        [weight], lr=ADAMW["lr"], betas=tuple(ADAMW["betas"]), eps=ADAMW["eps"], weight_decay=ADAMW["weight_decay"]
    )
    start, results = weight.detach().clone(), []
    for gradient in gradients:
        weight.grad = gradient.clone()
        optimizer.step()
        results.append(weight.detach().clone())
    tensors = {"weight": start, "gradients": gradients, "weights_after": torch.stack(results)}
    write_safetensors(folder / "golden.safetensors", tensors, generator_metadata(adamw=ADAMW))


# ---------------------------------------------------------------------------------------------------------- tokenizer


def bytes_to_unicode():
    """GPT-2's printable stand-ins for the 256 bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, extra = {}, 0
    for byte in range(256):
        if byte in printable:
            table[byte] = chr(byte)
        else:
            table[byte] = chr(256 + extra)
            extra += 1
    return table


SAMPLE = """def add(first, second):
    return first + second

def main():
    for index in range(10):
        print(add(index, index))
    if index == 9:
        return None

function add(first, second) {
    return first + second;
}
const result = add(1, 2);
import numpy as np
self.value = value
"""


def train_merges(count):
    """Byte-pair encoding on the sample: the most frequent pair first, ties by name."""
    table = bytes_to_unicode()
    pretokens = re.findall(r" ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+", SAMPLE)
    words = [[table[byte] for byte in pretoken.encode()] for pretoken in pretokens]
    merges = []
    while len(merges) < count:
        counts = {}
        for word in words:
            for pair in zip(word, word[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        for word in words:
            at = 0
            while at < len(word) - 1:
                if (word[at], word[at + 1]) == best:
                    word[at : at + 2] = ["".join(best)]
                at += 1
    return merges


def write_tokenizer():
    folder = HERE / "tokenizer"
    folder.mkdir(exist_ok=True)
    specials = ["<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>"]
    merges = train_merges(47)
    vocabulary = [*specials, *sorted(bytes_to_unicode().values(), key=ord), *("".join(pair) for pair in merges)]
    added = [
        {"id": index, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for index, content in enumerate(specials)
    ]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": byte_level,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {token: index for index, token in enumerate(vocabulary)},
            "merges": [" ".join(pair) for pair in merges],
        },
    }
    write_json(folder / "tokenizer.json", tokenizer)
    end = specials[0]
    settings = {
        "add_prefix_space": False,
        "added_tokens_decoder": {str(entry["id"]): {key: value for key, value in entry.items() if key != "id"} for entry in added},
        "bos_token": end,
        "clean_up_tokenization_spaces": False,
        "eos_token": end,
        "model_max_length": 64,
        "tokenizer_class": "GPT2TokenizerFast",
        "unk_token": end,
    }
    write_json(folder / "tokenizer_config.json", settings)
    write_json(folder / "special_tokens_map.json", {"bos_token": end, "eos_token": end, "unk_token": end, "additional_special_tokens": specials[1:]})
    print(f"tokenizer: {len(vocabulary)} tokens")


def main():
    torch.set_num_threads(1)  # one order of summation
    torch.use_deterministic_algorithms(True)
    for index, (name, config) in enumerate(VARIANTS.items()):
        write_variant(name, config, SEED + 100 * index)
    write_low_precision("llama-float16", torch.float16, "float16", SEED + 5000)
    write_low_precision("llama-bfloat16", torch.bfloat16, "bfloat16", SEED + 5100)
    write_sharded("llama-sharded", SEED + 5200)
    write_adamw(SEED + 5300)
    write_tokenizer()


if __name__ == "__main__":
    main()
