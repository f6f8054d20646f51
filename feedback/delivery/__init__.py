"""Delivery: what must leave the house becomes a letter, and a carrier takes it there.

1. What happened is written down in the transaction in which it happened (`events`).
2. Once nothing can be undone any more, it becomes letters: what the desk makes of an event.
3. A letter is claimed for a while, carried, and settled (`outbox`): sent, to be tried again, or
   dead. A process that dies in between leaves a claim that ends by itself: the letter is carried
   again, under the same id.

What a letter says is the desk's business, how it is put for a carrier the notifiers'.
"""
