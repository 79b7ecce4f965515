"""records: projects, lists, fields, records and what happens on them."""
