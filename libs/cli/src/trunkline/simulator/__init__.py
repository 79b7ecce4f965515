"""An invented sales office: its people, its telephone, half a year of its deals. Same seed, same office."""
