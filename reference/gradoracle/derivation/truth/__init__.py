"""What J and every derivative of it are, in balls, for the networks of a header."""
