"""The parameters of a language model, and how many hidden units its memory holds."""

from largebatch.models.parameters import ALIGNMENT, Slot


def parameter_slots(vocabulary: int, layers: int, hidden: int, held: int) -> list[Slot]:
    """All parameters of one model; held: hidden units that there is memory for."""
    recurrent = [layer_slots(f"layer{k}", hidden, held) for k in range(1, layers + 1)]
    return [
        Slot("embedding", (vocabulary, hidden)),
        *[slot for layer in recurrent for slot in layer],
        Slot("softmax.weight", (hidden, vocabulary), memory=(held, vocabulary)),
        Slot("softmax.bias", (vocabulary,), decay=False),
    ]


def layer_slots(name: str, hidden: int, held: int | None = None) -> list[Slot]:
    """The parameters of one layer with as many inputs as units; dimension 4 is gates g, i, f, o.

    held: hidden units that there is memory for.
    """
    held = held or hidden
    matrix = {"shape": (hidden, 4, hidden), "memory": (held, 4, held)}
    bias = {"shape": (4, hidden), "memory": (4, held), "decay": False}
    return [
        Slot(f"{name}.input", **matrix),  # type: ignore[arg-type]
        Slot(f"{name}.recurrent", **matrix),  # type: ignore[arg-type]
        Slot(f"{name}.input_bias", **bias),  # type: ignore[arg-type]
        Slot(f"{name}.recurrent_bias", **bias),  # type: ignore[arg-type]
    ]


def held_units(hidden: int) -> int:
    """Hidden units that there is memory for on a GPU.

    Tensor cores read matrices in pieces of 16 bytes, so cuBLAS has fast kernels only for rows whose
    length is a multiple of that. With 650 units, 2600 bytes, it takes kernels that read number by
    number. The padding units have no weights: the inputs of their gates are 0, hence g = tanh(0) =
    0, c = 0, h = 0, and no gradient reaches them, since nothing reads them. So they stay exactly 0,
    and everything else is the same to rounding.
    """
    return -(-hidden // ALIGNMENT) * ALIGNMENT
