"""A simulated deployment over hours: a sentence a minute, and what becomes of its figures."""
