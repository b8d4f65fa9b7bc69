// A dense network of any depth in Java 17: gradoracle check --wire text -- java Net.java
import java.util.*;
import java.util.function.DoubleUnaryOperator;

class Net {
    interface Entry { double at(int i, int j); }

    record Matrix(int rows, int columns, double[] row_after_row) {  // one example a column
        static Matrix of(int rows, int columns, Entry entry) {
            var all = new double[rows * columns];
            Arrays.setAll(all, k -> entry.at(k / columns, k % columns));
            return new Matrix(rows, columns, all);
        }
        static Matrix read(String[] words) {  // array NAME ROWS COLUMNS, then row after row
            int rows = Integer.parseInt(words[2]), columns = Integer.parseInt(words[3]);
            return of(rows, columns, (i, j) -> Double.parseDouble(words[4 + i * columns + j]));
        }
        double at(int i, int j) { return row_after_row[i * columns + j]; }
        double sum() { return Arrays.stream(row_after_row).sum(); }
        Matrix map(DoubleUnaryOperator f) {
            return of(rows, columns, (i, j) -> f.applyAsDouble(at(i, j)));
        }
        Matrix transposed() { return of(columns, rows, (i, j) -> at(j, i)); }
        Matrix times(Matrix other) {
            return of(rows, other.columns, (i, j) -> {
                double total = 0;
                for (int k = 0; k < columns; k++) total += at(i, k) * other.at(k, j);
                return total;
            });
        }
        void print(String name) {
            var line = new StringJoiner(" ").add("array").add(name).add(rows + " " + columns);
            for (double x : row_after_row) line.add(Double.toHexString(x));
            System.out.println(line);
        }
    }

    static double sigmoid(double z) { return 1 / (1 + Math.exp(-z)); }
    static double softplus(double z) {
        return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    }

    // Each activation and its derivative, both functions of the pre-activation z.
    static final Map<String, List<DoubleUnaryOperator>> ACTIVATIONS = Map.of(
        "identity", List.of(z -> z, z -> 1),
        "sigmoid", List.of(Net::sigmoid, z -> sigmoid(z) * sigmoid(-z)),
        "tanh", List.of(Math::tanh, z -> 1 - Math.tanh(z) * Math.tanh(z)),
        "relu", List.of(z -> Math.max(z, 0), z -> z > 0 ? 1 : 0),
        "softplus", List.of(Net::softplus, Net::sigmoid));

    static void run(Map<String, String[]> lines) {
        String[] g = lines.get("activations");  // g[0] is that word itself
        String loss = lines.get("loss")[1];
        int L = g.length - 1, n = Integer.parseInt(lines.get("n")[1]);
        double N = lines.get("reduction")[1].equals("sum") ? 1 : n;
        Matrix[] W = new Matrix[L + 1], Z = new Matrix[L + 1], A = new Matrix[L + 1];
        A[0] = Matrix.read(lines.get("X"));
        System.out.println("trace " + lines.get("run")[1]);
        for (int l = 1; l <= L; l++) {
            W[l] = Matrix.read(lines.get("W" + l));
            Matrix b = Matrix.read(lines.get("b" + l)), product = W[l].times(A[l - 1]);
            Z[l] = Matrix.of(b.rows, n, (i, j) -> product.at(i, j) + b.at(i, 0));
            A[l] = Z[l].map(ACTIVATIONS.get(g[l]).get(0));
            Z[l].print("Z" + l);
            A[l].print("A" + l);
        }
        Matrix Y = Matrix.read(lines.get("Y")), z = Z[L], a = A[L];
        boolean fused = loss.equals("binary_cross_entropy");  // dJ/dZ is (a - y) / N
        Matrix terms = Matrix.of(Y.rows, n, (i, j) -> fused
            ? Y.at(i, j) * softplus(-z.at(i, j)) + (1 - Y.at(i, j)) * softplus(z.at(i, j))
            : Math.pow(a.at(i, j) - Y.at(i, j), 2));
        System.out.println("number J " + Double.toHexString(terms.sum() / N));
        Matrix dA = Matrix.of(Y.rows, n, (i, j) -> (fused ? 1 : 2) * (a.at(i, j) - Y.at(i, j)) / N);
        for (int l = L; l > 0; l--) {
            var prime = ACTIVATIONS.get(fused && l == L ? "identity" : g[l]).get(1);
            Matrix from = dA, slope = Z[l].map(prime);
            Matrix dZ = Matrix.of(W[l].rows, n, (i, j) -> from.at(i, j) * slope.at(i, j));
            dZ.print("dZ" + l);
            dZ.times(A[l - 1].transposed()).print("dW" + l);
            dZ.times(Matrix.of(n, 1, (i, j) -> 1)).print("db" + l);
            dA = W[l].transposed().times(dZ);
            dA.print(l > 1 ? "dA" + (l - 1) : "dX");
        }
        System.out.println("end");
    }

    public static void main(String[] arguments) {
        var lines = new HashMap<String, String[]>();  // by their first word, arrays by name
        for (var input = new Scanner(System.in); input.hasNextLine();) {
            String[] words = input.nextLine().strip().split(" +");
            lines.put(words[0].equals("array") ? words[1] : words[0], words);
            if (words[0].equals("stop")) return;
            if (!words[0].equals("end")) continue;
            if (lines.containsKey("run")) run(lines);
            else System.out.println("""
                started 1
                name Net.java
                language Java
                dtypes float64
                supports activations identity sigmoid tanh relu softplus
                supports losses binary_cross_entropy squared_error
                supports reductions mean sum
                supports l2 no
                end""");
            lines.clear();
        }
    }
}
