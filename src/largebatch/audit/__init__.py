"""Is a figure intact, is it current, does it come out the same again?"""

from largebatch.audit.anchor import write_anchors
from largebatch.audit.audit import audit_figure, audit_study, load_chains
from largebatch.audit.crate import export_crate, verify_crate
from largebatch.audit.finding import Finding, Question, Verdict
from largebatch.audit.lock import lock_figures
from largebatch.audit.pictures import find_figure
from largebatch.audit.report import Report
from largebatch.audit.text import full_text, one_line

__all__ = [
    "Finding",
    "Question",
    "Report",
    "Verdict",
    "audit_figure",
    "audit_study",
    "export_crate",
    "find_figure",
    "full_text",
    "load_chains",
    "lock_figures",
    "one_line",
    "verify_crate",
    "write_anchors",
]
