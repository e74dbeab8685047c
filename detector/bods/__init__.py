"""The Beneficial Ownership Data Standard as published: what a statement must be, and what is not.

It judges files before they are used. Reading for the totals is lenient and lives in
``detector.who``; nothing here decides who owns what.
"""
