//! A workspace at a snapshot ⇄ the model: front matter, YAML, shards, spans.
