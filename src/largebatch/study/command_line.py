"""Values from `snakemake --config key=value` as they would be in the config file."""

from largebatch.errors import UserError

BOOLEANS = {"true": True, "false": False}


def typed(config: dict) -> dict:
    """`config` with the texts true and false as booleans; Snakemake knows only True and False.

    Refuses a text as `enable`, which is a list: it says how a shell passes one on.
    """
    if isinstance(given := config.get("enable"), str):
        raise UserError(
            f"config/config.yaml or --config: enable: give it a list, not '{given}'; on a command "
            f"line enable='[{given}]', with the quotes."
        )
    return {key: _typed(value) for key, value in config.items()}


def _typed(value: object) -> object:
    return BOOLEANS.get(value, value) if isinstance(value, str) else value
