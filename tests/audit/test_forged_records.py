"""Forged records whose digests all fit: sealed again, and table and picture made from them."""

from datetime import UTC, datetime, timedelta

import pytest
from verdicts import RUN, TABLE, faults

from largebatch.records import digest_of, read_record

FORGED_RECORDS = {
    "finished before it started": {"started": "2100-01-01T00:00:00.000+00:00"},
    "2999-01-01, which is in the future": {"finished": "2999-01-01T00:00:00.000+00:00"},
    "no valid times of start and finish": {"started": "", "finished": ""},
    "no valid times of start": {  # compared as texts, they would be later than they are
        "started": "1970-01-01T05:01:40.000+05:00",
        "finished": "1970-01-01T05:01:50.000+05:00",
    },
    "does not name results/data/dots.safetensors": {"inputs": []},
    "diverged in epoch 1, but its rows end at epoch 3": {
        "status": "diverged",
        "facts": {"diverged_epoch": 1},
    },
    "settings.task.dataset in its record is missing": {"settings": {}},
}


@pytest.mark.parametrize("words", FORGED_RECORDS)
def test_a_record_that_contradicts_itself(checkout, words):
    checkout.reseal(**FORGED_RECORDS[words])
    assert words in faults(checkout.audit())[RUN]


def test_a_clock_may_be_a_little_ahead(checkout):
    soon = datetime.now(UTC) + timedelta(hours=1)
    checkout.reseal(finished=soon.isoformat(timespec="milliseconds"))
    assert not faults(checkout.audit())


def test_data_of_which_only_some_are_those_of_the_task(checkout):
    inputs = read_record(checkout.path(RUN))["inputs"]
    other = {"name": "results/data/other.safetensors", "table": "", "record": ""}
    checkout.reseal(inputs=[*inputs, other])
    assert "does not name results/data/dots.safetensors" in faults(checkout.audit())[RUN]


def test_a_table_with_the_kind_of_another_folder(checkout):
    checkout.reseal(name=TABLE, kind="run")
    assert "the kind 'run', which its name contradicts" in faults(checkout.audit())[TABLE]


def test_modules_that_are_not_those_of_the_digest(checkout):
    code = read_record(checkout.path(RUN))["code"]
    checkout.reseal(code={**code, "modules": {}})
    assert "code digest" in faults(checkout.audit())[RUN]
    assert digest_of(code["modules"]) == code["digest"]


def test_an_input_named_twice(checkout):
    """The digests that are there now before those that the table was made from."""
    inputs = read_record(checkout.path(TABLE))["inputs"]
    checkout.reseal(name=TABLE, inputs=[inputs[0], *inputs])
    assert "names the same input twice" in faults(checkout.audit())[TABLE]
