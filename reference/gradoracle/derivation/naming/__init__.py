"""Which known mistake a wrong line makes, said in the words of the text."""
