"""Events that can't go on yet, and how they come to their end: by themselves or by staff.

- `records`: what came, as sealed bytes. `waiting`: what an event waits for, and who lets it go.
- `drain`: one key's queue goes on. `due`: what the clock brings to its end.
- `work_list`: what staff see of it. `reasons`: why, in their words. `audit`: who did what.
- `desks`: where staff settle an event. `replays` (with `corrections`, of `fields` that there are)
  and `discards` are the two ways to settle one; `refusals` is what they may be told instead.
"""
