// A dense network of any depth in Rust, no crates: gradoracle check --wire text -- ./net
// rustc -O net.rs -o net
#![allow(non_snake_case)] // W, dZ ... are the field's names
use std::{collections::HashMap, io::stdin};

type Real = f64; // f32 does as well
type Matrix = Vec<Vec<Real>>; // rows; one example a column
type Message = HashMap<String, Vec<String>>; // the lines by their first word, arrays by name

// An activation and its derivative, both at the pre-activation z.
fn activation(name: &str, z: Real) -> (Real, Real) {
    let (e, sigmoid) = ((-z.abs()).exp(), 1.0 / (1.0 + (-z).exp()));
    match name {
        "sigmoid" => (sigmoid, e / (1.0 + e).powi(2)),
        "tanh" => (z.tanh(), 1.0 - z.tanh().powi(2)),
        "relu" => (z.max(0.0), if z > 0.0 { 1.0 } else { 0.0 }),
        "softplus" => (softplus(z), sigmoid),
        _ => (z, 1.0), // identity
    }
}
fn softplus(z: Real) -> Real {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}
// The loss of one output and its derivative: by a, but by z for the cross-entropy.
fn loss(name: &str, z: Real, a: Real, y: Real) -> (Real, Real) {
    match name {
        "squared_error" => ((a - y).powi(2), 2.0 * (a - y)),
        "half_squared_error" => ((a - y).powi(2) / 2.0, a - y),
        "linear" => (y * a, y),
        _ => (y * softplus(-z) + (1.0 - y) * softplus(z), a - y),
    }
}

fn matrix(rows: usize, columns: usize, entry: impl Fn(usize, usize) -> Real) -> Matrix {
    (0..rows).map(|i| (0..columns).map(|j| entry(i, j)).collect()).collect()
}
fn sum(n: usize, term: impl Fn(usize) -> Real) -> Real {
    (0..n).map(term).sum()
}
fn read(words: &[String]) -> Matrix {
    let numbers: Vec<Real> = words[2..].iter().map(|word| word.parse().unwrap()).collect();
    numbers.chunks(words[1].parse().unwrap()).map(<[Real]>::to_vec).collect()
}
fn print(name: &str, layer: usize, m: &Matrix) {
    let numbers: Vec<String> = m.iter().flatten().map(|x| format!("{x:e}")).collect();
    let name = if layer == 0 { "dX".into() } else { format!("{name}{layer}") };
    println!("array {name} {} {} {}", m.len(), m[0].len(), numbers.join(" "));
}

fn run(case: &Message) {
    let (g, name) = (&case["activations"], &case["loss"][0]);
    let (L, Y, l2) = (g.len(), read(&case["Y"]), case["l2"][0].parse::<Real>().unwrap());
    let n = Y[0].len();
    let N = if case["reduction"][0] == "sum" { 1.0 } else { n as Real };
    let (mut J, mut W, mut Z, mut A) = (0.0, vec![vec![]], vec![vec![]], vec![read(&case["X"])]);
    println!("trace {}", case["run"][0]);
    for l in 1..=L {
        let b = read(&case[&format!("b{l}")]);
        W.push(read(&case[&format!("W{l}")]));
        let inner = A[l - 1].len();
        Z.push(matrix(b.len(), n, |i, e| b[i][0] + sum(inner, |k| W[l][i][k] * A[l - 1][k][e])));
        A.push(matrix(b.len(), n, |i, e| activation(&g[l - 1], Z[l][i][e]).0));
        J += l2 / 2.0 * W[l].iter().flatten().map(|w| w * w).sum::<Real>();
        print("Z", l, &Z[l]);
        print("A", l, &A[l]);
    }
    let at = |i: usize, e: usize| loss(name, Z[L][i][e], A[L][i][e], Y[i][e]);
    println!("number J {:e}", J + sum(Y.len(), |i| sum(n, |e| at(i, e).0)) / N);
    let mut dA = matrix(Y.len(), n, |i, e| at(i, e).1 / N);
    for l in (1..=L).rev() {
        let fused = l == L && name == "binary_cross_entropy"; // then dA is dZ already
        let prime = if fused { "identity" } else { &g[l - 1] };
        let dZ = matrix(dA.len(), n, |i, e| dA[i][e] * activation(prime, Z[l][i][e]).1);
        let dW = |i: usize, j: usize| l2 * W[l][i][j] + sum(n, |e| dZ[i][e] * A[l - 1][j][e]);
        print("dZ", l, &dZ);
        print("dW", l, &matrix(dZ.len(), A[l - 1].len(), dW));
        print("db", l, &matrix(dZ.len(), 1, |i, _| dZ[i].iter().sum()));
        dA = matrix(A[l - 1].len(), n, |j, e| sum(dZ.len(), |i| W[l][i][j] * dZ[i][e]));
        print("dA", l - 1, &dA);
    }
    println!("end");
}

fn main() {
    let mut message = Message::new();
    for line in stdin().lines().map_while(Result::ok) {
        let mut words = line.split_whitespace().map(String::from);
        match words.next().as_deref() {
            Some("stop") => break,
            Some("start") => println!(
                "started 1\nname net.rs\nlanguage Rust\ndtypes float{}\n\
                supports activations identity sigmoid tanh relu softplus\n\
                supports losses binary_cross_entropy squared_error half_squared_error linear\n\
                supports reductions mean sum\nend", 8 * size_of::<Real>()),
            Some("end") if message.contains_key("run") => run(&std::mem::take(&mut message)),
            Some("array") => _ = message.insert(words.next().unwrap(), words.collect()),
            Some(word) => _ = message.insert(word.into(), words.collect()),
            None => {}
        }
    }
}
