/** @file The WebAssembly kernels against plain loops, on slices with strides and tails. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { generateKernels } from '../../src/build/kernels.ts';
import { KERNELS_WASM_BASE64 } from '../../src/engine/kernels.generated.ts';
import type { Kernels } from '../../src/engine/parameters.ts';
import { bitsOf, randomNumbers } from '../support/numeric.ts';

const memory = new WebAssembly.Memory({ initial: 1 });
const module = new WebAssembly.Module(Buffer.from(KERNELS_WASM_BASE64, 'base64'));
const kernels = new WebAssembly.Instance(module, { rgft: { memory } }).exports as unknown as Kernels;
const f32 = new Float32Array(memory.buffer);

/** Rows x cols elements beginning at an element of the memory. */
interface Slice {
  readonly at: number;
  readonly stride: number;
}

interface Adam {
  readonly b1: number;
  readonly b2: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly learningRate: number;
  readonly scale: number;
}

const ADAM: Adam = { b1: 0.9, b2: 0.95, eps: 1e-8, weightDecay: 0.1, learningRate: 0.02, scale: 0.5 };
const STEPS = 10;

/** Where parameters, gradients and the two moments lie, in elements. */
const [P, G, M, V] = [0, 2000, 4000, 5000];

/** One step by the kernel. */
function adamwStep(step: number, p: Slice, g: Slice, m: number, v: number, rows: number, cols: number): void {
  const { b1, b2, eps, weightDecay, learningRate, scale } = ADAM;
  const decay = 1 - learningRate * weightDecay;
  const rate = learningRate / (1 - b1 ** step);
  const c2 = 1 / (1 - b2 ** step);
  kernels.adamw(p.at * 4, p.stride, g.at * 4, g.stride, m * 4, v * 4, rows, cols, b1, b2, eps, decay, rate, c2, scale);
}

/** Ten steps of a slice from fixed random numbers; returns the slice, and the whole memory as it was and is. */
function trainSlice(p: Slice, g: Slice, m: number, v: number, rows: number, cols: number) {
  f32.set(randomNumbers(f32.length, 3));
  const start = randomNumbers(rows * cols, 5);
  f32.fill(0, m, m + rows * cols);
  f32.fill(0, v, v + rows * cols);
  const each = (f: (parameter: number, gradient: number, i: number) => void) => {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) f(p.at + r * p.stride + c, g.at + r * g.stride + c, r * cols + c);
    }
  };
  each((parameter, _, i) => {
    f32[parameter] = start[i];
  });
  const before = f32.slice();
  for (let step = 1; step <= STEPS; step++) {
    const gradients = randomNumbers(rows * cols, 100 + step, -2, 2);
    each((_, gradient, i) => {
      f32[gradient] = gradients[i];
    });
    adamwStep(step, p, g, m, v, rows, cols);
  }
  const written = new Set<number>();
  const result: number[] = [];
  each((parameter, gradient, i) => {
    for (const at of [parameter, gradient, m + i, v + i]) written.add(at);
    result.push(f32[parameter]);
  });
  return { before, after: f32.slice(), written, result };
}

/** The same ten steps in double precision, from the formula in kernels.wat's head. */
function trainPlainly(size: number): number[] {
  const { b1, b2, eps, weightDecay, learningRate, scale } = ADAM;
  const p = randomNumbers(size, 5);
  const m = new Array<number>(size).fill(0);
  const v = new Array<number>(size).fill(0);
  for (let step = 1; step <= STEPS; step++) {
    const gradients = randomNumbers(size, 100 + step, -2, 2);
    for (let i = 0; i < size; i++) {
      const g = gradients[i] * scale;
      m[i] = b1 * m[i] + (1 - b1) * g;
      v[i] = b2 * v[i] + (1 - b2) * g * g;
      const direction = m[i] / (1 - b1 ** step) / (Math.sqrt(v[i] / (1 - b2 ** step)) + eps);
      p[i] = p[i] - learningRate * weightDecay * p[i] - learningRate * direction;
    }
  }
  return p;
}

test('kernels.generated.ts is what kernels.wat assembles to', async () => {
  const generated = await readFile(new URL('../../src/engine/kernels.generated.ts', import.meta.url), 'utf8');
  assert.equal(generated, await generateKernels());
});

test('AdamW on slices of 1 to 9 columns follows a double-precision loop for 10 steps', () => {
  for (let cols = 1; cols <= 9; cols++) {
    const rows = 3;
    const { result } = trainSlice({ at: P + 5, stride: 13 }, { at: G + 2, stride: 11 }, M, V, rows, cols);
    const expected = trainPlainly(rows * cols);
    // Ten steps of at most 0.02 * 2, each rounded to about 1e-7 of the parameter.
    result.forEach((x, i) => {
      assert.ok(Math.abs(x - expected[i]) < 1e-6, `cols ${cols}, element ${i}: ${x} and ${expected[i]}`);
    });
  }
});

test('AdamW leaves everything outside its slice untouched, bit for bit', () => {
  for (let cols = 1; cols <= 9; cols++) {
    const { before, after, written } = trainSlice(
      { at: P + 5, stride: 13 },
      { at: G + 2, stride: 11 },
      M + 1,
      V + 3,
      4,
      cols,
    );
    for (let i = 0; i < before.length; i++) {
      if (!written.has(i)) assert.equal(after[i], before[i], `cols ${cols}, element ${i}`);
    }
  }
});

test('where a slice lies and how it is cut does not change a bit of the result', () => {
  const cols = 7;
  const bits = new Set<string>();
  for (const offset of [0, 1, 2, 3]) {
    for (const stride of [cols, cols + 1, 2 * cols]) {
      const p = { at: P + offset, stride };
      const { result } = trainSlice(p, { at: G + 3 - offset, stride: cols + offset }, M + offset, V + offset, 3, cols);
      bits.add(bitsOf(Float32Array.from(result)));
    }
  }
  // The same 21 elements as one row: other elements fall into the vector part and the tail.
  const { result } = trainSlice({ at: P, stride: 21 }, { at: G, stride: 21 }, M, V, 1, 21);
  bits.add(bitsOf(Float32Array.from(result)));
  assert.equal(bits.size, 1);
});

test('AdamW does not divide by zero where the gradient is zero', () => {
  f32.fill(0, 0, 6000);
  f32.fill(1, P, P + 5);
  adamwStep(1, { at: P, stride: 5 }, { at: G, stride: 5 }, M, V, 1, 5);
  // Weight decay alone: 1 - 0.02 * 0.1.
  assert.deepEqual([...f32.slice(P, P + 6)], [...new Array<number>(5).fill(Math.fround(0.998)), 0]);
});

test('no rows or no columns change nothing', () => {
  f32.set(randomNumbers(f32.length, 9));
  const before = bitsOf(f32);
  adamwStep(1, { at: P, stride: 5 }, { at: G, stride: 5 }, M, V, 0, 5);
  adamwStep(1, { at: P, stride: 5 }, { at: G, stride: 5 }, M, V, 5, 0);
  kernels.sgd(P, 5, G, 5, 0, 5, 1, 1, 1);
  kernels.sgd(P, 5, G, 5, 5, 0, 1, 1, 1);
  assert.equal(bitsOf(f32), before);
  assert.equal(kernels.sumOfSquares(P, 5, 0, 5), 0);
  assert.equal(kernels.sumOfSquares(P, 5, 5, 0), 0);
});

test('gradient descent on a slice is p * decay - rate * gradient * scale, and nothing else moves', () => {
  const [rows, cols, pStride, gStride] = [3, 5, 8, 6];
  f32.set(randomNumbers(f32.length, 11));
  const before = f32.slice();
  const [decay, rate, scale] = [Math.fround(0.99), 0.125, 0.5];
  kernels.sgd((P + 1) * 4, pStride, (G + 1) * 4, gStride, rows, cols, decay, rate, scale);
  const expected = before.slice();
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      const at = P + 1 + r * pStride + c;
      const kept = Math.fround(decay * before[at]);
      expected[at] = Math.fround(kept - rate * scale * before[G + 1 + r * gStride + c]);
    }
  }
  assert.equal(bitsOf(f32), bitsOf(expected));
});

test('the sum of squares of a slice is exact in double precision, even where float32 would lose it', () => {
  f32.fill(1e30);
  const [rows, stride] = [3, 10];
  for (let cols = 1; cols <= 9; cols++) {
    let expected = 0;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) {
        // 4096² = 2^24: adding 1 to it is lost in float32. Values on the left of the slice are 1e30.
        f32[7 + r * stride + c] = (r + c) % 2 === 0 ? 4096 : -1;
        expected += (r + c) % 2 === 0 ? 2 ** 24 : 1;
      }
    }
    assert.equal(kernels.sumOfSquares(7 * 4, stride, rows, cols), expected, `cols ${cols}`);
  }
});
