"""Third parties: the records service, asked over HTTP like anybody else's."""
