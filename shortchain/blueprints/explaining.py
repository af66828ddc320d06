"""The sentences that say why: to the customer, the provider and the farmer, from the stored explanation."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext, ngettext

from shortchain import data
from shortchain.blueprints import context
from shortchain.blueprints.formatting import kilometres, money
from shortchain.delivery.boards import WorkJob
from shortchain.fulfilment.decisions import Decision
from shortchain.routing import told
from shortchain.routing.told import Chance, Trip


def why_these(decision: Decision) -> str:
    """Tell a customer in one sentence why these hands."""
    if told.at_gate(decision.explanation):
        return str(gettext("Je haalt dit op waar het groeide: niemand anders pakt het in of brengt het."))
    names = _joined(told.doers(decision.explanation))
    if decision.mode == "online":
        return str(
            gettext(
                "Waarom deze? %(names)s vormen samen de beste keten van die dag, over %(way)s: prijs, afstand en wachten samen geteld.",
                names=names,
                way=kilometres(decision.explanation["metres"]),
            )
        )
    return str(
        gettext("Waarom deze? Er veranderde iets, en %(names)s doen het nu; jij betaalt hetzelfde.", names=names)
    )


def why_you(decision: Decision, job: WorkJob, enterprise_id: int) -> str:
    """Tell a provider in a sentence why it has this job; '' when it stood before the decision."""
    if decision.mode == "manual":
        return str(gettext("De coördinator koos jou."))
    if decision.mode == "moved":
        return str(gettext("Je had dit werk al; je stelde zelf dit moment voor, en het paste."))
    if decision.mode in ("batch", "together"):
        return str(gettext("We kozen voor verschillende bestellingen samen; in dat geheel paste jij hier het best."))
    key = told.stage_key({"stage": job.stage, "service": job.service})
    found = told.chosen(decision.explanation, key, enterprise_id)
    if found is None:
        return ""
    counts = gettext("%(able)d van %(all)d konden dit.", able=found.able, all=found.candidates)
    if found.is_only:
        only = gettext("Zonder jou was er geen keten.")
        return f"{only} {counts}"
    if found.extra_cents is None:
        return str(counts)
    if found.extra_cents > 0:
        said = gettext("Zonder jou betaalde de klant %(extra)s meer.", extra=money(found.extra_cents))
    else:
        said = gettext("Zonder jou was de keten niet duurder, maar wel langer, later of op een drukke dag.")
    return f"{said} {counts}"


def why_not(chance: Chance) -> str:
    """Tell a provider in a sentence why a job went to somebody else."""
    if chance.code == told.DEARER and chance.extra_cents is not None and chance.extra_cents > 0:
        return str(gettext("Met jou betaalde de klant %(extra)s meer.", extra=money(chance.extra_cents)))
    words: dict[str, str] = {
        told.DEARER: gettext("Met jou betaalde de klant niet meer, maar wachtte het eten langer of reed het meer om."),
        told.ABLE: gettext("Je kon het; een andere keten was goedkoper of korter."),
        "excluded": gettext("Je zei nee, of antwoordde niet op tijd."),
        "temperature": gettext("Je bewaart deze goederen niet op de juiste temperatuur."),
        "allergen": gettext("Er zit iets in dat bij jou niet binnen mag."),
        "apart": gettext("Er zat iets in dat vrij van een allergeen verkocht is, en jij houdt dat niet apart."),
        "price": gettext("Je vraagt een prijs die vooraf niet te kennen is, of gaat niet naar afhaalpunten."),
        "radius": gettext("Het lag verder dan je werkt, of buiten je gebied."),
        "closed": gettext("Je werkte niet op die dagen."),
        "zone": gettext("Geen van je voertuigen mocht die dag in die zone."),
        "organic": gettext("Bio vraagt een geldig biocertificaat."),
        "lead": gettext("Het was korter dag dan je vraagt."),
        "capacity": gettext("Je dag was vol."),
    }
    return words[chance.code]


def why_there(trips: Sequence[Trip], pay_cents: int) -> str:
    """Tell a farmer in a sentence why goods go to a place; '' when nothing is known of it."""
    if not trips:
        return ""
    return str(
        ngettext(
            "Waarom hierheen? De beste keten gaat langs %(where)s: %(way)s ver, en jij krijgt %(pay)s voor het brengen.",
            "Waarom hierheen? De beste ketens gaan langs %(where)s: %(way)s ver, en jij krijgt samen %(pay)s voor het brengen.",
            len(trips),
            where=trips[0].to,
            way=kilometres(trips[0].metres),
            pay=money(pay_cents),
        )
    )


def stage_name(key: str) -> str:
    """Name a stage by the planner's key: a service, packing or delivering."""
    words = {"pack": gettext("inpakken"), "deliver": gettext("leveren")}
    service = data.services().get(key.partition(":")[2])
    return words.get(key) or (service.name[context.language()] if service else key)


def _joined(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return str(gettext("%(first)s en %(last)s", first=", ".join(names[:-1]), last=names[-1]))
