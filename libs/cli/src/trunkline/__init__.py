"""The `trunkline` command: the engines and services of one machine under one supervisor."""
