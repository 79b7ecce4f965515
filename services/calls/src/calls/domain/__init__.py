"""What a call is, and how what providers say becomes one: pure, so that any order of arrival can be tried."""
