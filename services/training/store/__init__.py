"""SQL on training's own tables, by noun. A cohort is locked before its sessions, a session before
its seats are counted, a seat before its certificate.
"""
