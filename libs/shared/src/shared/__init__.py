"""What every service needs identically: contracts, messaging, database, http, expressions, policy, telemetry."""
