"""One machine, all of Trunkline: the engines and the four services as children of one supervisor."""
