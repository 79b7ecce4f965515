"""What tests of every package share: the real engines as fixtures."""
