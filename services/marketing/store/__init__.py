"""SQL on marketing's own tables, by noun. Market events are locked before their stands."""
