"""A candidate in another process, in any language: the protocol of `docs/wire.md`.

A message is a *document*, as JSON has it. `json_lines` and `text` turn documents into bytes and
back, `messages` turns them into cases and answers, `process` owns the child and its limits, and
`session` is all of it together: what the engine runs a case on.
"""
