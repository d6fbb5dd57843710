"""Audit an output: is it intact, is it current, does it come out the same again?"""

from largebatch.audit.audit import audit_one, audit_study, audited
from largebatch.audit.crate.export import export_crate
from largebatch.audit.crate.verify import verify_crate
from largebatch.audit.finding import Finding, Question, Verdict
from largebatch.audit.lock import lock
from largebatch.audit.report import Report
from largebatch.audit.subjects.find_file import find_file
from largebatch.audit.text import all_lines, full_text, one_line

__all__ = [
    "Finding",
    "Question",
    "Report",
    "Verdict",
    "all_lines",
    "audit_one",
    "audit_study",
    "audited",
    "export_crate",
    "find_file",
    "full_text",
    "lock",
    "one_line",
    "verify_crate",
]
