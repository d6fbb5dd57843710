"""How good a keeper's answer is, given what was done."""

from forging.keeper import Answer, Keeper
from forging.perturbations import Perturbation

NAMED, NOTICED, TOLD = "named", "noticed", "told"
MISSED, ALARM, RIGHT, NO_QUESTION = "not noticed", "false alarm", "right", "no question"


def verdict(keeper: Keeper, done: Perturbation, answer: Answer | None) -> str:
    """Judge an answer.

    named: noticed, and the culprit named. told: the culprit named, but the answer stays yes. right:
    nothing was wrong and nothing was said.
    """
    if answer is None:
        return NO_QUESTION
    if not done.named:
        return RIGHT if answer.yes and not answer.words else ALARM
    if answer.yes:
        return TOLD if _names(keeper, done, answer) else MISSED
    if done.others_stand and any(keeper.innocent in line for line in answer.words):
        return ALARM
    return NAMED if _names(keeper, done, answer) else NOTICED


def _names(keeper: Keeper, done: Perturbation, answer: Answer) -> bool:
    wanted = [keeper.named(role) for role in done.named]
    return any(word in line for line in answer.words for word in wanted)
