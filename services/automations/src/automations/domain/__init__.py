"""What a rule is and decides: plain functions over plain data, without a clock, a database or a network."""
