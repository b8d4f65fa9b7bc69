// A dense network of up to 32 layers: gradoracle check --wire text -- ./net
// cc -O2 -std=c11 -Dreal=double net.c -lm -o net          (-Dreal=float for float32)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>  // exp, tanh ... in the precision of their argument

typedef struct { int rows, columns, down, right; real *at; } Matrix;  // one example a column
#define AT(m, i, j) (m).at[(i) * (m).down + (j) * (m).right]
#define EACH(m) for (int i = 0; i < (m).rows; i++) for (int j = 0; j < (m).columns; j++)
static real pool[1 << 24], *unused = pool;  // every array of one case

static Matrix zeros(int rows, int columns) {
    Matrix m = {rows, columns, columns, 1, unused};
    if (rows * columns > pool + (1 << 24) - unused) exit(fputs("too large a case\n", stderr));
    for (int i = 0; i < rows * columns; i++) *unused++ = 0;
    return m;
}
static Matrix transposed(Matrix m) { return (Matrix){m.columns, m.rows, m.right, m.down, m.at}; }
static Matrix product(Matrix a, Matrix b) {
    Matrix c = zeros(a.rows, b.columns);
    EACH(c) for (int k = 0; k < a.columns; k++) AT(c, i, j) += AT(a, i, k) * AT(b, k, j);
    return c;
}
static real value(char g, real z) {  // g: the first letter of sigmoid, tanh, relu, identity
    return g == 's' ? 1 / (1 + exp(-z)) : g == 't' ? tanh(z) : g == 'r' && z <= 0 ? 0 : z;
}
static real derivative(char g, real z) {
    real e = exp(-fabs(z)), a = tanh(z);
    return g == 's' ? e / ((1 + e) * (1 + e)) : g == 't' ? 1 - a * a : g == 'r' ? z > 0 : 1;
}
static real softplus(real z) { return value('r', z) + log1p(exp(-fabs(z))); }

static char word[64];
static char *next(void) { return scanf("%63s", word) == 1 ? word : (exit(1), word); }
static int is(const char *other) { return !strcmp(word, other); }
static void print(const char *name, int layer, Matrix m) {
    printf("array %s%.0d %d %d", name, layer, m.rows, m.columns);  // %.0d of 0 is empty
    EACH(m) printf(" %a", (double)AT(m, i, j));
    puts("");
}
static void run(void) {
    static Matrix W[33], b[33], Z[33], A[33], Y, dW, db, dA, dZ;  // A[0] is X
    char g[33], reduction = 0;
    int L = 0, rows, columns, fused = 0;
    for (printf("trace %s\n", next()); !is("end"); next()) {
        if (is("sizes")) for (L = -1; L < 32 && scanf("%d", &rows) == 1;) L++;
        else if (is("activations")) for (int l = 1; l <= L; l++) g[l] = *next();
        else if (is("loss")) fused = *next() == 'b';
        else if (is("reduction")) reduction = *next();
        else if (is("array") && scanf("%63s %d %d", word, &rows, &columns) == 3) {
            int l = atoi(word + 1);
            if (l > 32) exit(fputs("too many layers\n", stderr));
            Matrix *m = *word == 'W' ? &W[l] : *word == 'b' ? &b[l] : *word == 'X' ? A : &Y;
            *m = zeros(rows, columns);
            EACH(*m) AT(*m, i, j) = sizeof(real) == 4 ? strtof(next(), 0) : strtod(next(), 0);
        }
    }
    for (int l = 1; l <= L; l++) {
        Z[l] = product(W[l], A[l - 1]), A[l] = zeros(Z[l].rows, Z[l].columns);
        EACH(Z[l]) AT(A[l], i, j) = value(g[l], AT(Z[l], i, j) += AT(b[l], i, 0));
        print("Z", l, Z[l]), print("A", l, A[l]);
    }
    real J = 0, N = reduction == 's' ? 1 : Y.columns;
    dA = zeros(Y.rows, Y.columns);
    EACH(Y) {
        real z = AT(Z[L], i, j), y = AT(Y, i, j), error = AT(A[L], i, j) - y;
        J += (fused ? y * softplus(-z) + (1 - y) * softplus(z) : error * error) / N;
        AT(dA, i, j) = (fused ? error : 2 * error) / N;
    }
    if (fused) g[L] = 'i';  // loss and sigmoid are one: this dA is dZ already
    printf("number J %a\n", (double)J);
    for (int l = L; l > 0; l--) {
        dZ = zeros(dA.rows, dA.columns), db = zeros(dA.rows, 1);
        EACH(dZ) AT(dZ, i, j) = AT(dA, i, j) * derivative(g[l], AT(Z[l], i, j));
        EACH(dZ) AT(db, i, 0) += AT(dZ, i, j);
        dW = product(dZ, transposed(A[l - 1])), dA = product(transposed(W[l]), dZ);
        print("dZ", l, dZ), print("dW", l, dW), print("db", l, db);
        print(l > 1 ? "dA" : "dX", l - 1, dA);
    }
    puts("end");
    unused = pool;
}
int main(void) {
    for (next(); !is("stop"); fflush(stdout), next()) {
        if (is("start")) printf("started 1\nname net.c\nlanguage C\ndtypes float%d\n"
            "supports activations identity sigmoid tanh relu\nsupports reductions mean sum\n"
            "supports losses binary_cross_entropy squared_error\nsupports l2 no\nend\n",
            (int)sizeof(real) * 8);
        if (is("run")) run();
    }
}
