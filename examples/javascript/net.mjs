// A dense network of any depth in Node.js, no packages: gradoracle check -- node net.mjs
import { createInterface } from "node:readline";
// Each activation beside its derivative; both take the pre-activation z.
const { abs, exp, log1p, max, tanh } = Math;
const sigmoid = (z) => 1 / (1 + exp(-z));
const softplus = (z) => max(z, 0) + log1p(exp(-abs(z)));
const ACTIVATIONS = {
  identity: [(z) => z, () => 1],
  sigmoid: [sigmoid, (z) => exp(-abs(z)) / (1 + exp(-abs(z))) ** 2],
  tanh: [tanh, (z) => 1 - tanh(z) ** 2],
  relu: [(z) => max(z, 0), (z) => (z > 0 ? 1 : 0)],
  leaky_relu: [(z) => (z > 0 ? z : z / 100), (z) => (z > 0 ? 1 : 0.01)],
  softplus: [softplus, sigmoid],
  silu: [(z) => z * sigmoid(z), (z) => sigmoid(z) * (1 + z * sigmoid(-z))],
};
// Each loss of one output beside its derivative by z, where g is the activation there.
const LOSSES = {
  squared_error: [(z, a, y) => (a - y) ** 2, (a, y, prime) => 2 * (a - y) * prime],
  half_squared_error: [(z, a, y) => (a - y) ** 2 / 2, (a, y, prime) => (a - y) * prime],
  linear: [(z, a, y) => y * a, (a, y, prime) => y * prime],
  binary_cross_entropy: [(z, a, y) => y * softplus(-z) + (1 - y) * softplus(z), (a, y) => a - y],
};

// Matrices are arrays of rows, one example a column.
const sum = (numbers) => numbers.reduce((total, x) => total + x, 0);
const map = (f, ...M) => M[0].map((row, i) => row.map((_, j) => f(...M.map((m) => m[i][j]))));
const transposed = (M) => M[0].map((_, j) => M.map((row) => row[j]));
const product = (A, B) => {
  const columns = transposed(B);
  return A.map((row) => columns.map((column) => sum(row.map((a, k) => a * column[k]))));
};

// dA, dZ and dX are derivatives of the loss of one example; the reduction's 1/N enters dW and db.
function run(n, network, inputs) {
  const L = network.activations.length, l2 = Number(network.l2);
  const N = { sum: 1, mean: n, mean_all: n * network.sizes[L] }[network.reduction];
  const [W, Z, A, trace] = [[], [], [inputs.X], {}];
  const g = [null, ...network.activations.map((name) => ACTIVATIONS[name])];
  for (let l = 1; l <= L; l++) {
    W[l] = inputs[`W${l}`];
    Z[l] = product(W[l], A[l - 1]).map((row, i) => row.map((z) => z + inputs[`b${l}`][i][0]));
    A[l] = map(g[l][0], Z[l]);
    Object.assign(trace, { [`Z${l}`]: Z[l], [`A${l}`]: A[l] });
  }
  const [loss, derivative] = LOSSES[network.loss];
  const penalty = (l2 / 2) * sum(W.flat(2).map((w) => w * w));
  trace.J = sum(map(loss, Z[L], A[L], inputs.Y).flat()) / N + penalty;
  let dZ = map(derivative, A[L], inputs.Y, map(g[L][1], Z[L]));
  for (let l = L; l > 0; l--) {
    trace[`dZ${l}`] = dZ;
    trace[`dW${l}`] = map((d, w) => d / N + l2 * w, product(dZ, transposed(A[l - 1])), W[l]);
    trace[`db${l}`] = dZ.map((row) => [sum(row) / N]);
    const dA = product(transposed(W[l]), dZ);
    trace[l > 1 ? `dA${l - 1}` : "dX"] = dA;
    if (l > 1) dZ = map((d, z) => d * g[l - 1][1](z), dA, Z[l - 1]);
  }
  return trace;
}

// The conversation: one JSON object a line; numbers are strings.
const text = (x) => (Object.is(x, -0) ? "-0" : String(x));
const read = ({ decimal }) => decimal.map((row) => row.map(Number));
const write = (M) => M.map ? { shape: [M.length, M[0].length], decimal: map(text, M) } : text(M);
const each = (object, f) => Object.fromEntries(Object.entries(object).map(([k, v]) => [k, f(v)]));
const started = {
  version: 1, name: "net.mjs", language: "JavaScript", release: process.version,
  dtypes: ["float64"], numbers: "decimal", conventions: { per_example: true },
  supports: { activations: Object.keys(ACTIVATIONS), losses: Object.keys(LOSSES) },
};
function answer({ cmd, seq, values, case: asked }) {
  if (cmd === "start") return started;
  const product = text(Number(values?.a) * Number(values?.b));
  if (cmd === "smoke") return { seq, values: { ...each(each(values, Number), text), product } };
  return { seq, trace: each(run(asked.n, asked.network, each(asked.inputs, read)), write) };
}
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.cmd === "stop") process.exit();
  console.log(JSON.stringify(answer(message)));
}
