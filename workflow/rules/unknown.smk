# It must match no file of another rule's, made or read: that rule would be refused with it.

import re

from largebatch.study.layers import study_names

OWN_FILES = "|".join(re.escape(file) for files in OWN.values() for file in files)
OTHERS = "|".join(map(re.escape, {*study_names(STUDY.file.parent)} - {STUDY.name}))
UNKNOWN = (
    "(?!results/).+",
    f"results/(?:{OTHERS})/.+",
    rf"results/{re.escape(STUDY.name)}/runs/(?!.*/seed[^/]*\.parquet$).+",
)


rule unknown:
    """What is asked for and no rule makes: one sentence that says what there is."""
    input:
        lambda w: PLAN.refuse(w.target),
    output:
        "{target}",
    wildcard_constraints:
        target=f"(?!(?:{OWN_FILES})$)(?:{'|'.join(UNKNOWN)})",
