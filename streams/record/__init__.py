"""The node-side recorder: readings of vendors' tools, summed exactly, leave as usage events.

Text becomes figures (``figures``, by the tables in ``sources/``), figures become samples
(``rows``, ``pages``), samples become intervals (``book``), intervals become events (``events``).
``recorder`` drives this beside a clock, ``history`` over files. ``docs/record.md`` tells why.
"""
