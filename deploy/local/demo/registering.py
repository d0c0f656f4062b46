"""The first act: who is there. Sites, offices, an old list, and the women with their businesses."""

from deploy.local.demo import invented, reported
from deploy.local.demo.client import Json
from deploy.local.demo.invented import Woman
from deploy.local.demo.steps import INVENTED, REPORTED, Steps, done, no, together


async def play(steps: Steps) -> list[str]:
    """The businesses' ids, in the order of `invented.women`."""
    with steps.act("Before the training: who is there"):
        await _programme(steps)
        businesses = await _women(steps)
        await _typing_error(steps, businesses[invented.CHOCOLATE_MAKER])
        await _eligible(steps, businesses)
    return businesses


async def _programme(steps: Steps) -> None:
    for kelurahan in reported.KELURAHAN:
        body = {
            "kelurahan": kelurahan,
            "year": reported.YEAR,
            "status": "active",
            "since": f"{reported.YEAR}-01-02",
        }
        await steps.post("registry", "/v1/sites", body, f"site {kelurahan}", "kasi")
    done(REPORTED, "five kelurahan are sites of the programme; Rempoa lies in another kecamatan")
    for office in invented.OFFICES:
        await steps.post("registry", "/v1/offices", office, f"office {office['code']}", "kasi")
    done(REPORTED, "the office under the title of its day, and the one that followed (○ dates)")
    for kecamatan, businesses in invented.BALANCES.items():
        body = {
            "kecamatan": kecamatan,
            "businesses": businesses,
            "as_of": reported.TRAINING_DAY,
            "source": invented.SOURCE,
        }
        path = "/v1/opening-balances"
        await steps.post("registry", path, body, f"balance {kecamatan}", "kasi")
    done(
        REPORTED,
        f"{reported.HELPED_BEFORE} businesses helped before, in {reported.KECAMATAN_HELPED} "
        "kecamatan, from an old list (○ split)",
    )


async def _women(steps: Steps) -> list[str]:
    async def one(woman: Woman) -> str:
        number = woman.number
        person = await steps.post("registry", "/v1/people", woman.person, f"person {number}")
        business = {**woman.business, "owner_id": person["person_id"]}
        saved = await steps.post("registry", "/v1/businesses", business, f"business {number}")
        path = f"/v1/businesses/{saved['business_id']}"
        answer = _coverage(woman)
        await steps.post("registry", f"{path}/coverage", answer, f"coverage {number}")
        found = {
            "business_class": "berkembang" if number % 3 == 1 else "pemula",
            "assessed_on": invented.LOOKED_AT,
            "reasons": "Contoh: dikerjakan sendiri di rumah, belum bermerek",
        }
        name = f"class {number}"
        await steps.post("registry", f"{path}/assessments", found, name, "fasilitator")
        return str(saved["business_id"])

    title = "housewives and their home businesses: food first, no brand, only to order"
    return await together(f"{REPORTED}{INVENTED}", title, one, invented.women())


def _coverage(woman: Woman) -> Json:
    answer = {"answered_on": invented.ANSWERED, "source": "office_list"}
    if woman.elsewhere:
        return answer | {"guided": "yes", "by_office": invented.OTHER_OFFICE}
    return answer | {"guided": "no"}


async def _typing_error(steps: Steps, business: str) -> None:
    """The officer typed 200 jars a day; she makes 20. The world didn't change."""
    path = f"/v1/businesses/{business}"
    wish = {
        "reason_code": "typing_error",
        "reason": "Kelebihan satu nol saat mengetik",
        "capacity": reported.CHOCOLATE["capacity"],
    }
    await steps.change("registry", path, f"{path}/corrections", wish, "correction")
    done(REPORTED, "the chocolate maker: three months in business, 20 jars a day, sold online")
    done(INVENTED, "a typing error put right: 20 jars a day, not 200")


async def _eligible(steps: Steps, businesses: list[str]) -> None:
    """Who may be guided, by the rule, on the day of the training."""
    on = reported.TRAINING_DAY
    for name, business in (("yes", businesses[0]), ("no", businesses[-1])):
        path = f"/v1/businesses/{business}/eligibility"
        answer = await steps.asked(f"eligibility {name}", "registry", path, on=on)
        if answer["eligible"]:
            done(
                REPORTED,
                "eligible on that day: site of the year, guided by nobody else, below micro",
            )
        else:
            reason = next(r["detail"] for r in answer["reasons"] if r["state"] != "met")
            no("may the programme guide the last one?", {**answer, "detail": reason})
