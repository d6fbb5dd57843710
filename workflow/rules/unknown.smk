# Names have neither dot nor slash. Files are left to the other rules, and so are the user's own data.

import re

OWN_NAMES = "|".join(re.escape(file) for files in OWN.values() for file in files)


rule unknown:
    """What is asked for by a name that no rule has: one sentence that says what there is."""
    input:
        lambda w: PLAN.refuse(w.target),
    output:
        "{target}",
    wildcard_constraints:
        target=f"(?!({OWN_NAMES})$)[^/.]+",
