"""Whether an event keeps its contract, before it is sent: the reader's own judgement, in words.

Needs no Kafka, no database and no network. What rules say (is she registered, which place is it)
is found out by sending the event to the trial topic.
"""
