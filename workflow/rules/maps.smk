# The maps show every stored run, even of sweeps that are off. The rule waits for all of the study's runs; `largebatch maps`
# draws what exists without waiting (docs/theory.md).

from largebatch.analysis.maps.planned import MAPS
from largebatch.analysis.theory.planned import ENDINGS


rule maps:
    """Maps of SGD against momentum, of rates and of times to a target, over batch sizes."""
    input:
        runs=PLAN.runs,
        measured=MEASURED,
    output:
        [f"results/{STUDY.name}/maps/{name}.{end}" for name in MAPS for end in ENDINGS],
    log:
        f"results/{STUDY.name}/logs/maps.log",
    conda:
        "../../envs/environment.yaml"
    params:
        study=STUDY.name,
        settings=lambda _: canonical_json(
            {f: STUDY.figure_settings(f) for f in STUDY.figures}
        ),
        code=CODE["maps"],
    shell:
        "largebatch maps --study {params.study} 2>> {log:q} | tee -a {log:q}"
