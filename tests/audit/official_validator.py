"""The official RO-Crate validator, offline: its cache is given the one document it would fetch."""

from io import BytesIO
from pathlib import Path

from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from rocrate_validator import models, services
from urllib3 import HTTPResponse

CONTEXT_URL = "https://w3id.org/ro/crate/1.1/context"
# CC0, from the wheel rocrate==0.13.0 (rocrate/data/ro-crate.jsonld)
CONTEXT = Path(__file__).with_name("ro-crate-1.1-context.jsonld")


class Here(HTTPAdapter):
    """Answers with the context instead of asking the network."""

    def send(self, request, **_):
        body, headers = BytesIO(CONTEXT.read_bytes()), {"Content-Type": "application/ld+json"}
        answer = HTTPResponse(body, headers, 200, preload_content=False, request_url=request.url)
        return self.build_response(request, answer)


def problems(crate: Path, scratch: Path, severity: str = "REQUIRED") -> list[str]:
    """What the validator objects to in a crate, by the profile Provenance Run Crate 0.5."""
    cache = scratch / "validator-cache"
    with CachedSession(str(cache), backend="sqlite") as session:
        session.mount("https://", Here())
        session.get(CONTEXT_URL)
    result = services.validate(
        models.ValidationSettings(
            rocrate_uri=str(crate),
            profile_identifier="provenance-run-crate-0.5",
            requirement_severity=severity,
            offline=True,
            cache_path=cache,
        )
    )
    issues = result.get_issues()
    return sorted(f"{i.check.identifier}: {i.message} {i.violatingEntity}" for i in issues)
