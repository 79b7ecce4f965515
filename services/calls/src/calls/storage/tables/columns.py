"""What all tables are made of. Ids are uuid in the database and text in Python."""

from sqlalchemy import DateTime, MetaData, Uuid

metadata = MetaData()

Moment = DateTime(timezone=True)
Id = Uuid(as_uuid=False)
