"""The supervisor as a background process: ``python -m trunkline.launcher.detached DESCRIPTOR OPTIONS``.

It reports through the inherited descriptor, which it closes when all is ready: then the person's command returns.
"""

import json
import logging
import sys
from pathlib import Path

from trunkline.failures import Failure
from trunkline.launcher.life import Options, live
from trunkline.launcher.report import Pipe, Report


def main(descriptor: int, options: Options) -> int:
    report = Pipe(descriptor)
    try:
        live(options, report, when_ready=lambda _folder: report.close())
    except Failure as failure:
        report(Report("failed", str(failure), code=failure.code))
        return failure.code
    except Exception as error:
        logging.getLogger(__name__).exception("the supervisor failed")
        report(Report("failed", f"{type(error).__name__}: {error}", code=Failure.code))
        return Failure.code
    return 0


if __name__ == "__main__":
    given = json.loads(sys.argv[2])
    sys.exit(main(int(sys.argv[1]), Options(**{**given, "data": Path(given["data"])})))
