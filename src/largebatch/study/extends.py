"""Read a study file and the studies that it extends (`extends`, `keep`)."""

from pathlib import Path

from largebatch.errors import UserError
from largebatch.study.keep import dropped, part
from largebatch.study.layers import Layers, spot
from largebatch.study.sentences import choice
from largebatch.study.yaml_files import read_yaml


def read_layers(file: Path, root: Path, below: tuple[Path, ...] = ()) -> Layers:
    """The file over the study beside it that it extends, and so on. Raises UserError."""
    content = read_yaml(file, root)
    name, kept = content.pop("extends", None), content.pop("keep", None)
    if name is None and kept is not None:
        raise UserError(f"{spot(file, ('keep',))}: there is nothing to keep; add `extends`.")
    if name is None:
        return Layers(((file, content),))
    parent = _parent(file, name, root)
    if parent in (*below, file):
        circle = " -> ".join(path.stem for path in (*below, file, parent))
        key = spot(file, ("extends",))
        raise UserError(f"{key}: it is in a circle ({circle}); remove one `extends`.")
    base = read_layers(parent, root, (*below, file))
    if any(part(content, changed) for changed in ("datasets", "tasks")):
        # What the paper's study is true of has changed; the file may say that it still is.
        content.setdefault("faithful", False)
    if kept is None:
        return Layers((*base.files, (file, content)))
    figures = _figures(file, kept, base.written, name)
    return Layers((*base.files, (file, dropped(base.written, content, figures)), (file, content)))


def _parent(file: Path, name: object, root: Path) -> Path:
    key = spot(file, ("extends",))
    if not isinstance(name, str):
        raise UserError(f"{key}: give it the name of one study in this folder.")
    known = study_names(root / file.parent)
    if name not in known:
        raise UserError(f"{key}: there is no study '{name}'; {choice(name, known)}.")
    return file.with_name(f"{name}.yaml")


def _figures(file: Path, kept: object, base: dict, name: str) -> list[str]:
    """The value of `keep`, which has to name figures of the study that is extended."""
    key, known = spot(file, ("keep",)), part(base, "figures")
    if not isinstance(kept, list) or not all(isinstance(figure, str) for figure in kept):
        raise UserError(f"{key}: give it a list of figures, e.g. [fig2].")
    for figure in kept:
        if figure not in known:
            names = ", ".join(known)
            raise UserError(f"{key}: {name} has no figure '{figure}'; use one of {names}.")
    return kept


def study_names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml"))
