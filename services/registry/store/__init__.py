"""SQL on the registry's own tables, by noun. A business's row is locked before it is changed."""
