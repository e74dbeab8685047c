"""Invented people and companies from a seed: listed parties and customers of real sizes.

Family names and words of companies are syllables, the later in the list the more seldom drawn;
given names are such, or common ones in several scripts. Some customers are listed parties written
otherwise, some come twice, as in a real register.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from detector.screening.parties import ListedParty, Snapshot, Subject

SEED: Final = 20261122
_ONSETS: Final = ("b", "br", "ch", "d", "f", "g", "h", "j", "k", "kh", "l", "m", "n", "p", "r")
_MORE_ONSETS: Final = ("s", "sh", "st", "t", "tr", "v", "w", "y", "z", "zh", "")
_NUCLEI: Final = ("a", "e", "i", "o", "u", "ai", "ou", "ia")
_CODAS: Final = ("", "", "", "n", "r", "l", "s", "ng", "v", "k", "m", "d")
GIVEN: Final = (
    "Maria Anna John David Ali Mohammed Ahmed Fatima Ivan Sergei Olga Natalia Wei Jing Li Yan "
    "Carlos Juan Ana Luis Pierre Jean Marie Hans Peter Klaus Ingrid Lars Erik Sven Kim Min Jun "
    "Hiroshi Yuki Kenji Raj Priya Amit Sunita Omar Hassan Yusuf Leila Reza Mehdi Pavel Andrei "
    "Michael James Robert Jennifer Linda Sarah Thomas Daniel Paul Mark Laura Emma Oliver Noah "
    "Иван Сергей Ольга Дмитрий Наталья محمد علي فاطمة حسين Γιώργος Ελένη"
)
TRADES: Final = (
    "Technology Trading Logistics Electronics Shipping Bank Software Holdings Energy Capital "
    "Semiconductor Industrial International Services Systems Group Aviation Research Import "
    "Export Construction Pharma Data Cloud Computing Instruments Precision Marine Steel"
)
FORMS: Final = (
    *("Co., Ltd.", "Limited", "GmbH", "LLC", "Inc.", "S.A.", "AG", "OOO", "FZE", "B.V."),
    *("Pte Ltd", "SARL", "Corporation", ""),
)
COUNTRIES: Final = ("US", "CN", "HK", "RU", "IR", "DE", "GB", "FR", "AE", "SG", "IN", "JP", "BR")
#: One customer in so many is a listed party written otherwise, or the same as the one before.
WRITTEN_OTHERWISE: Final = 200
TWICE: Final = 25


class _Words:
    """Words drawn with a skew; the n-th is drawn 1 / (300 + n) times a constant."""

    def __init__(self, chance: random.Random, count: int, syllables: Sequence[int]) -> None:
        words: dict[str, None] = {}
        while len(words) < count:
            words[_word(chance, chance.choice(syllables))] = None
        self._words = list(words)
        self._chance = chance
        self._weights = list(accumulate(1 / (rank + 300) for rank in range(count)))

    def draw(self) -> str:
        return self._chance.choices(self._words, cum_weights=self._weights)[0].title()


def _word(chance: random.Random, syllables: int) -> str:
    onsets = _ONSETS + _MORE_ONSETS
    return "".join(
        chance.choice(onsets) + chance.choice(_NUCLEI) + chance.choice(_CODAS)
        for _ in range(syllables)
    )


class Inventor:
    """Draws names; the same seed gives the same ones in the same order."""

    def __init__(self, seed: int = SEED) -> None:
        self.chance = random.Random(seed)
        self._families = _Words(self.chance, 40_000, (2, 2, 3))
        self._given = [*GIVEN.split(), *(_word(self.chance, 2).title() for _ in range(3000))]
        self._brands = _Words(self.chance, 60_000, (2, 3, 3))

    def person(self) -> str:
        middle = [self.chance.choice(self._given)] if self.chance.random() < 0.3 else []
        return " ".join([self.chance.choice(self._given), *middle, self._families.draw()])

    def company(self) -> str:
        words = [self._brands.draw() for _ in range(self.chance.choice((1, 2, 2)))]
        words += self.chance.sample(TRADES.split(), self.chance.choice((0, 1, 1, 2)))
        return " ".join([*words, self.chance.choice(FORMS)]).strip()

    def otherwise(self, name: str) -> str:
        """Write a name otherwise: parts in another order, one letter lost, or one part lost."""
        parts = name.split()
        kind = self.chance.randrange(3)
        if kind == 0 or len(parts) == 1:
            at = self.chance.randrange(len(name))
            return name[:at] + name[at + 1 :] or name
        if kind == 1:
            return " ".join([parts[-1], *parts[:-1]])
        return " ".join(parts[:-1])


def listed(inventor: Inventor, count: int) -> Snapshot:
    """Give a list of so many parties, two names each, two in five of them people."""
    parties = []
    for number in range(count):
        is_person = number % 5 < 2
        draw = inventor.person if is_person else inventor.company
        name = draw()
        other = inventor.otherwise(name) if inventor.chance.random() < 0.5 else draw()
        parties.append(
            ListedParty(
                party_id=f"p-{number}",
                source="An invented list",
                kind="person" if is_person else "organisation",
                name=name,
                aliases=(other,),
                countries=(inventor.chance.choice(COUNTRIES),),
            )
        )
    return Snapshot("invented", tuple(parties))


def customers(inventor: Inventor, count: int, snapshot: Snapshot) -> Iterator[Subject]:
    """Give so many customers, three in five of them companies."""
    chance, before = inventor.chance, inventor.company()
    for number in range(count):
        is_person = number % 5 < 2
        if number % TWICE == TWICE - 1:
            name = before
        elif number % WRITTEN_OTHERWISE == 0:
            party = chance.choice(snapshot.parties)
            name, is_person = inventor.otherwise(party.name), party.kind == "person"
        else:
            name = inventor.person() if is_person else inventor.company()
        before = name
        yield Subject(
            record_id=f"c-{number}",
            role="customer",
            kind="person" if is_person else "organisation",
            names=(name,),
            countries=(chance.choice(COUNTRIES),),
        )
