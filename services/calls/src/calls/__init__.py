"""calls: webhooks of telephony providers become one truth about each call."""
