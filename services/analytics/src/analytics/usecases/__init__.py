"""One module a verb: measure, compare, set a target, follow what comes in."""
