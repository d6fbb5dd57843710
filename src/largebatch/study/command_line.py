"""Values from `snakemake --config key=value` as they would be in the config file."""

BOOLEANS = {"true": True, "false": False}


def typed(config: dict) -> dict:
    """`config` with the texts true and false as booleans; Snakemake knows only True and False."""
    return {key: _typed(value) for key, value in config.items()}


def _typed(value: object) -> object:
    return BOOLEANS.get(value, value) if isinstance(value, str) else value
