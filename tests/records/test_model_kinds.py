"""The code of a run does not include what only other kinds of model use."""

from pathlib import Path

import pytest

from largebatch.records.code import PACKAGE, code_digest
from largebatch.training.build import MODELS

FILES = {
    "training/worker.py": "from largebatch.training.build import build",
    "training/build.py": "from largebatch.models.cat import Cat\n"
    "from largebatch.models.dog import Dog\nMODELS = {'cat': Cat, 'dog': Dog}\n"
    "def build(kind):\n    return MODELS[kind]()",
    "models/__init__.py": "",
    "models/cat.py": "from largebatch.models.fur import FUR\nclass Cat: ...",
    "models/dog.py": "from largebatch.models.fur import FUR\nclass Dog:\n    def bark(self):\n"
    "        from largebatch.kernels.bark import bark",
    "models/fur.py": "FUR = 'soft'",
    "kernels/bark.py": "def bark(): ...",
}
DOGS = {"largebatch.models.dog", "largebatch.kernels.bark"}
BUILD = FILES["training/build.py"]
LAST = "    return MODELS[kind]()"


def modules(package: Path, kind: str | None = None) -> set[str]:
    return set(code_digest("train", package, kind)["modules"])


def test_what_only_other_kinds_use_does_not_belong_to_it(package):
    assert modules(package, "dog") == modules(package) - {"largebatch.models.cat"}
    assert modules(package, "cat") == modules(package) - DOGS
    assert len(modules(package)) == 6


def test_a_kind_that_is_not_known_uses_everything(package):
    assert modules(package, "bird") == modules(package)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("training/worker.py", FILES["training/worker.py"] + "\nimport largebatch.models.dog"),
        ("training/worker.py", FILES["training/worker.py"] + "\ndef f():\n"
         "    from largebatch.models.dog import Dog"),
        ("models/cat.py", "from largebatch.models.dog import Dog\nclass Cat(Dog): ..."),
        ("models/cat.py", "class Cat:\n    def play(self):\n        import largebatch.models.dog"),
        ("models/fur.py", "from largebatch.models.dog import Dog\nFUR = Dog"),
        ("models/__init__.py", "from largebatch.models.dog import Dog\nDog.legs = 4"),
        ("training/build.py", BUILD.replace(LAST, "    Dog()\n" + LAST)),
        ("training/build.py", BUILD.replace("'cat': Cat", "'cat': Dog")),
        ("training/build.py", BUILD.replace("'cat': Cat", "'cat': lambda: Cat(Dog)")),
        ("training/build.py", BUILD.replace("'cat': Cat", "**{'cat': Cat}")),
        ("training/build.py", BUILD.replace("import Dog", "import Dog, bark_all")),
        ("training/build.py", BUILD.replace("MODELS", "OTHERS")),
        ("training/build.py", BUILD + "\nMODELS['cat'] = Dog"),
    ],
    ids=lambda text: text.splitlines()[-1],
)  # fmt: skip
def test_what_is_used_elsewhere_belongs_to_all_kinds(package, name, text):
    assert not DOGS & modules(package, "cat")
    (package / name).write_text(text)
    assert modules(package, "cat") >= DOGS


def test_a_model_behind_a_face_is_told_apart_too(package):
    (package / "models/__init__.py").write_text(
        "from largebatch.models.cat import Cat\nfrom largebatch.models.dog import Dog"
    )
    (package / "training/build.py").write_text(
        BUILD.replace("models.cat", "models").replace("models.dog", "models")
    )
    assert modules(package, "cat") == modules(package) - DOGS


@pytest.mark.parametrize("kind", MODELS)
def test_a_kind_of_this_package_has_its_model_and_no_other(kind):
    its = modules(PACKAGE, kind)
    assert {its_kind for its_kind in MODELS if MODELS[its_kind].__module__ in its} == {kind}


@pytest.mark.parametrize(
    ("module", "kinds"),
    [
        ("kernels.lane_conv_kernels", {"wrn"}),
        ("kernels.norm_relu", {"wrn"}),
        ("kernels.lstm_recurrence", {"lstm"}),
        ("kernels.keep_mask", {"lstm"}),
        ("kernels.rank_one", {"autoencoder"}),
        ("models.activations", {"autoencoder", "lstm"}),
        ("kernels.heavy_ball", set(MODELS)),  # imported in a function of training/steps.py
        ("models.streams", set(MODELS)),
        ("study.schedule", set(MODELS)),
        ("training.feeds.tokens", set(MODELS)),
    ],
)
def test_kinds_of_this_package_that_use_a_module(module, kinds):
    assert {k for k in MODELS if f"largebatch.{module}" in modules(PACKAGE, k)} == kinds


def test_the_kinds_of_this_package_together_are_all_that_trains():
    assert set().union(*(modules(PACKAGE, kind) for kind in MODELS)) == modules(PACKAGE)
