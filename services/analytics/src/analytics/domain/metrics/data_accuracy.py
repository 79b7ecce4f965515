"""Accuracy of data entry: of what records must say, how much they do."""

from analytics.domain.metric import Entries, Measure, Metric, Text, Variant


def filled_in(entries: Entries) -> Measure:
    """Old records, and those brought in, may lack what became required later."""
    filled = " + ".join(f"toUInt64({each})" for each in entries.filled)
    return Measure(population="1", numerator=f"({filled}) / {len(entries.filled)}", at="r.updated_at")


METRIC = Metric(
    key="data_accuracy",
    title=Text("Data accuracy", "Nauwkeurigheid"),
    description=Text(
        "Of the required fields of the records that changed in the period, the share that is filled in; group by "
        "`assignee`, or ask for one `project`. Values that do not fit their field are never stored.",
        "Van de verplichte velden van de records die in de periode veranderden het deel dat is ingevuld; groepeer op "
        "`assignee`, of vraag naar één `project`. Waarden die niet bij hun veld passen worden nooit bewaard.",
    ),
    unit="ratio",
    direction="higher",
    shape="mean",
    source="record",
    population="Records of projects that have required fields.",
    time_anchor="updated_at",
    variants=(
        Variant(
            "required_fields",
            "mean over records of (required fields filled in ÷ required fields)",
            of_entries=filled_in,
        ),
    ),
    nothing="No record with required fields changed in this period.",
)
