"""Gate: three packs of cdk-nag on the translated template."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from checks import suppressions
from checks.dynamic_references import with_references
from checks.outcome import Finding, Outcome, Suppression, judged
from checks.programs import NAG, prepare_node, run
from checks.translation import ACCOUNT, DEPLOYMENTS, REGION, SUFFIX, deploy, source, translate
from local.paths import STATE

type Json = Any  # what a report holds

_PACKS: Final = {
    "AwsSolutions": "cdk-nag AwsSolutions",
    "NIST.800.53.R5": "cdk-nag NIST 800-53 r5",
    "PCI.DSS.321": "cdk-nag PCI DSS 3.2.1",
}

# The example values read as what they stand for, as cdk-nag spells references itself.
_SPELLINGS: Final = {
    "arn:aws:": "arn:<AWS::Partition>:",
    ACCOUNT: "<AWS::AccountId>",
    REGION: "<AWS::Region>",
    SUFFIX: "<EnvironmentSuffix>",
}


def cdk_nag() -> Sequence[Outcome]:
    """All packs on every deployment; a suppression counts as used if one deployment needs it."""
    prepare_node()
    template = source()
    files = written_deployments(translate(template))
    report = run("node", NAG / "run.js", *files).json(list)
    return nag_outcomes(report, suppressions.in_template(template, "cdk_nag"))


def written_deployments(translated: Json) -> list[Path]:
    """A file for each deployment, named after it. Metadata of resources are for the matching."""
    folder = STATE / "checks" / "deployments"
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, parameters in DEPLOYMENTS.items():
        file = folder / f"{name.replace(' ', '-')}.json"
        bare = suppressions.without_suppressions(deploy(translated, parameters))
        deployment = with_references(bare)
        # Two gates write the same; a reader must never see half of it.
        unfinished = file.with_suffix(f".{id(deployment)}")
        unfinished.write_text(json.dumps(deployment, indent=1))
        unfinished.replace(file)
        files.append(file)
    return files


def nag_outcomes(report: Json, metadata: Sequence[Suppression]) -> list[Outcome]:
    """One outcome for each pack.

    `report` is a list of evaluations for each deployment. A suppression of no pack is judged with
    the first one, where it is found to cover nothing.
    """
    evaluations = [one for deployment in report for one in deployment]
    by_pack: Mapping[str, list[Suppression]] = {pack: [] for pack in _PACKS}
    for suppression in metadata:
        pack = next((name for name in _PACKS if suppression.rule.startswith(f"{name}-")), None)
        by_pack[pack or next(iter(_PACKS))].append(suppression)
    outcomes = []
    for pack, tool in _PACKS.items():
        own = [one for one in evaluations if one["pack"] == pack]
        found = [finding for one in own for finding in _nag_findings(one)]
        outcomes.append(judged(tool, len({one["rule"] for one in own}), found, by_pack[pack]))
    return outcomes


def _nag_findings(one: Json) -> Iterator[Finding]:
    """None if compliant; one for each part that the rule names, else one for the resource."""
    result = one["result"]
    if result == "Compliant":
        return
    if isinstance(result, list):
        for part in result:
            for value, spelling in _SPELLINGS.items():
                part = part.replace(value, spelling)  # noqa: PLW2901  Each spelling in turn.
            yield Finding(one["resource"], f"{one['rule']}[{part}]", one["info"])
        return
    yield Finding(one["resource"], one["rule"], one["info"])
