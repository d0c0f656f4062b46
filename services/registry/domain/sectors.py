"""The two-level table of sectors, and the units that capacities are counted in.

Each entry is code → (Indonesian, English). The programme's women mostly make food; accessories and
clothing come next.
"""

from services.registry.domain.refusals import SubSectorElsewhere, UnknownSector, UnknownUnit

Label = tuple[str, str]

SECTORS: dict[str, Label] = {
    "food": ("makanan", "food"),
    "accessories": ("aksesori", "accessories"),
    "clothing": ("pakaian", "clothing"),
    "other": ("lainnya", "other"),
}

SUB_SECTORS: dict[str, dict[str, Label]] = {
    "food": {
        "catering": ("katering", "catering"),
        "snacks": ("camilan", "snacks"),
        "confectionery": ("cokelat dan permen", "chocolate and sweets"),
        "bakery": ("kue dan roti", "cakes and bread"),
        "drinks": ("minuman", "drinks"),
        "other_food": ("makanan lain", "other food"),
    },
    "accessories": {
        "jewellery": ("perhiasan", "jewellery"),
        "bags": ("tas dan dompet", "bags and purses"),
        "crafts": ("kerajinan tangan", "handicrafts"),
        "other_accessories": ("aksesori lain", "other accessories"),
    },
    "clothing": {
        "sewing": ("jahitan", "sewing"),
        "batik": ("batik", "batik"),
        "embroidery": ("sulam dan bordir", "embroidery"),
        "other_clothing": ("pakaian lain", "other clothing"),
    },
    "other": {
        "household_goods": ("perlengkapan rumah tangga", "household goods"),
        "services": ("jasa", "services"),
        "other_goods": ("barang lain", "other goods"),
    },
}

UNITS: dict[str, Label] = {
    "jar": ("toples", "jars"),
    "piece": ("buah", "pieces"),
    "pack": ("bungkus", "packs"),
    "box": ("kotak", "boxes"),
    "bottle": ("botol", "bottles"),
    "portion": ("porsi", "portions"),
    "kg": ("kilogram", "kilograms"),
    "litre": ("liter", "litres"),
    "set": ("set", "sets"),
    "pair": ("pasang", "pairs"),
    "metre": ("meter", "metres"),
    "order": ("pesanan", "orders"),
}


def known_sub_sector(sector: str, sub_sector: str) -> tuple[str, str]:
    """The pair, when the table has it. Raises UnknownSector or SubSectorElsewhere."""
    within = SUB_SECTORS.get(sector)
    if within is None:
        raise UnknownSector(pointer="/sector", sector=sector, known=", ".join(SECTORS))
    if sub_sector not in within:
        raise SubSectorElsewhere(
            pointer="/sub_sector", sector=sector, sub_sector=sub_sector, known=", ".join(within)
        )
    return sector, sub_sector


def known_unit(unit: str, pointer: str) -> str:
    """The unit, when the table has it. Raises UnknownUnit."""
    if unit not in UNITS:
        raise UnknownUnit(pointer=pointer, unit=unit, known=", ".join(UNITS))
    return unit
