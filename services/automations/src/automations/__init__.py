"""automations: rules, runs and durable timers."""
