"""From the webhook to the call, over HTTP, on the real engines."""

from services.calls.tests.aircall import EXPECTED, SCENARIOS, bodies
from services.calls.tests.running import Running


async def test_every_story_becomes_the_expected_call(service: Running) -> None:
    await service.connect()
    await service.deliver(bodies())
    for scenario in SCENARIOS:
        expected = EXPECTED[scenario]
        call = await service.call(expected["provider_call_id"])
        assert {key: call[key] for key in expected} == expected
