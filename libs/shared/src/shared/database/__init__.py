"""PostgreSQL: one database a service, one transaction a request or event, facts leaving through the outbox."""

from shared.database.database import Database
from shared.database.transaction import Transaction, Tx, current
from shared.database.wakeup import Wakeup

__all__ = ["Database", "Transaction", "Tx", "Wakeup", "current"]
