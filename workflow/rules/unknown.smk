# Included last: this rule takes every target that no other rule makes. Files that rules read are left out, or they would be
# refused as well.

import re

MADE = [
    re.sub(r"\?P<\w+>", "?:", file.regex().pattern)
    for rule in workflow.rules
    for file in rule.products()
]
READ = OWN + (PLAN.runs if config["unfinished"] else [])


rule unknown:
    """Any other target: refused with one sentence that says what there is."""
    input:
        told(lambda w: PLAN.refuse(w.target)),
    output:
        "{target}",
    wildcard_constraints:
        target=f"(?!{'|'.join(MADE)}|(?:{'|'.join(map(re.escape, READ))})$).+",
