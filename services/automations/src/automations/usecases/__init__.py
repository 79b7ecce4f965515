"""What automations does: one module a verb."""
