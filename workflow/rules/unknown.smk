# Included last: all that no other rule makes, and none reads, which would be refused with it.

import re

MADE = [
    re.sub(r"\?P<\w+>", "?:", file.regex().pattern)
    for rule in workflow.rules
    for file in rule.products()
]
READ = [file for files in OWN.values() for file in files]
if config["unfinished"]:
    READ += PLAN.runs


rule unknown:
    """What is asked for and no rule makes: one sentence that says what there is."""
    input:
        told(lambda w: PLAN.refuse(w.target)),
    output:
        "{target}",
    wildcard_constraints:
        target=f"(?!{'|'.join(MADE)}|(?:{'|'.join(map(re.escape, READ))})$).+",
