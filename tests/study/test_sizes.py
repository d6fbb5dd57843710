"""How much data there will be, as the settings alone tell."""

import pytest

from largebatch.errors import UserError
from largebatch.study import load_study
from largebatch.study.sizes import expected_size


def test_what_is_not_for_testing_is_for_training():
    found = expected_size({"source": "digits", "test_examples": 400})
    assert found == {"train_examples": 1397, "test_examples": 400}


@pytest.mark.parametrize(("key", "there"), [("train_limit", 60_000), ("test_limit", 10_000)])
def test_a_limit_may_be_all_that_is_there_and_no_more(key, there):
    size = key.replace("limit", "examples")
    assert expected_size({"source": "mnist", key: there})[size] == there
    assert expected_size({"source": "mnist", key: 7})[size] == 7
    with pytest.raises(UserError, match=f"{key} is {there + 1}, but mnist has {there} examples"):
        expected_size({"source": "mnist", key: there + 1})


def test_a_batch_may_be_all_of_the_data_and_a_rate_constant_in_all_epochs(root, write):
    constant = "tasks: {wrn-10-1_digits: {schedule: {constant: 5}}}"
    write("whole", f"extends: demo\nsweeps: {{digits-b8: {{batch: 1437}}}}\n{constant}\n")
    study = load_study("whole", root)
    assert study.sweeps["digits-b8"].batch == 1437 and study.tasks["wrn-10-1_digits"].epochs == 5
