"""What offices are called, for people to read. Code knows them by their login."""

from collections.abc import Mapping

from shared.contracts import topics

NAMES: Mapping[str, str] = {
    "00-bpjph": "Badan Penyelenggara Jaminan Produk Halal",
    "32.71-perdagangan": "Dinas Perdagangan Kota Bogor",
    "36.74-dpmptsp": "Dinas Penanaman Modal dan PTSP Kota Tangerang Selatan",
    "36.74-dukcapil": "Dinas Kependudukan dan Pencatatan Sipil Kota Tangerang Selatan",
    "36.74-kesehatan": "Dinas Kesehatan Kota Tangerang Selatan",
    "36.74-koperasi-ukm": "Dinas Koperasi dan UKM Kota Tangerang Selatan",
    "36.74-pendidikan": "Dinas Pendidikan Kota Tangerang Selatan",
    "36.74-perindag": "Dinas Perindustrian dan Perdagangan Kota Tangerang Selatan",
    "36.74-sosial": "Dinas Sosial Kota Tangerang Selatan",
}
"""By the office's code: `36.74-dukcapil`."""

_OFFICES = {
    topic.name: topic.writers[0].removeprefix("office-")
    for topic in topics.TOPICS
    if topic.from_outside
}


def office_of(topic: str) -> str | None:
    """The code of the office that writes a topic; None where a service of ours does."""
    return _OFFICES.get(topic)


def topics_of(office: str) -> list[str]:
    """The topics that an office writes."""
    return [topic for topic, writer in _OFFICES.items() if writer == office]
