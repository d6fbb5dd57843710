"""A bug of ours fails every run that is not on disk yet, with its traceback in the log."""

from family_packs import HURRY, jobs_of, log

from largebatch.training import pack_worker, worker


def test_a_fault_while_a_result_is_written(data, tmp_path, monkeypatch) -> None:
    """The run that is being written fails too; what its mates wrote before stays."""
    jobs, make_record = jobs_of("lstm", data, tmp_path), pack_worker.make_record
    first, second = jobs[:2]

    def faulty(kind: str, name: str, **fields) -> dict:
        if name == str(second.out):
            raise RuntimeError("injected")
        return make_record(kind, name, **fields)

    monkeypatch.setattr(pack_worker, "make_record", faulty)
    assert worker.train(jobs, device="cpu", root=tmp_path, lease_times=HURRY) == jobs[1:]
    assert first.out.exists() and not second.out.exists()
    assert all("RuntimeError: injected" in log(job) for job in jobs[1:])
