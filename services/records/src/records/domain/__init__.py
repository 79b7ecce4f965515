"""What records are made of, in plain Python: schema, field types, values, templates. No database, no framework."""
