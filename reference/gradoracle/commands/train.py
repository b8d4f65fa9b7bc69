"""Placeholder."""

import click


@click.command()
def train() -> None:
    """Train."""
