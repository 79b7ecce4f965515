"""The metrics there are: each file here defines one as ``METRIC``. A new file is the whole change."""

import pkgutil
from functools import cache
from importlib import import_module

from analytics.domain.metric import Metric
from shared.errors import NotFound


class UnknownMetric(NotFound):
    pass


@cache
def catalogue() -> dict[str, Metric]:
    """Every metric by its key, in the order of their files."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return {module.METRIC.key: module.METRIC for module in modules}


def metric(key: str) -> Metric:
    """The metric of that key. Raises `UnknownMetric`."""
    try:
        return catalogue()[key]
    except KeyError:
        raise UnknownMetric(f"There is no metric '{key}'. `GET /v1/metrics` lists them.") from None
