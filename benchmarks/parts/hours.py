"""From seconds per epoch to the hours of the whole paper."""


def paper_hours(rows: list[dict]) -> list[dict]:
    """Hours for all runs of each measured workload: eager, alone, and by the fastest contender."""
    names = dict.fromkeys(row["workload"] for row in rows)
    hours = [_hours(name, [row for row in rows if row["workload"] == name]) for name in names]
    total = {
        key: sum(one[key] for one in hours) if all(one[key] is not None for one in hours) else None
        for key in hours[0]
        if key.startswith("h ")
    }
    runs = sum(one["runs"] for one in hours)
    return [*hours, {"workload": "these together", "runs": runs, **total, "by": ""}]


def _hours(name: str, rows: list[dict]) -> dict:
    """One workload's hours, as if no run ended early by diverging."""
    to_hours = rows[0]["runs"] * rows[0]["epochs"] / 3600
    best = min(rows, key=lambda row: row["s an epoch"])
    hours = {row["contender"]: row["s an epoch"] * to_hours for row in reversed(rows)}
    return {
        "workload": name,
        "runs": rows[0]["runs"],
        "h eager": hours.get("eager"),
        "h alone": hours.get("alone"),
        "h fastest": best["s an epoch"] * to_hours,
        "by": f"{best['contender']}, {best['lanes']} lanes, {best['precision']}",
    }
