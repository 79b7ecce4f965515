"""The templates that come with Trunkline: one YAML file each."""
