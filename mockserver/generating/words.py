"""Words to answer with: names, places and things that no person of flesh and blood is."""

from __future__ import annotations

__all__ = ["CITIES", "COMPANIES", "COUNTRIES", "FIRST_NAMES", "LAST_NAMES", "REGIONS", "STREETS", "WORDS"]

FIRST_NAMES = (
    "Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Radia", "Ken", "Frances", "Niklaus", "Jean", "Leslie",
    "Margaret", "Dennis", "Shafi", "Tony",
)  # fmt: skip
LAST_NAMES = (
    "Garcia", "Schmidt", "Tanaka", "Okafor", "Novak", "Silva", "Larsen", "Kim", "Rossi", "Dubois", "Haddad", "Singh",
    "Moreau", "Jansen", "Costa", "Weber",
)  # fmt: skip
CITIES = (
    "Berlin",
    "Lisbon",
    "Osaka",
    "Nairobi",
    "Toronto",
    "Lima",
    "Oslo",
    "Seoul",
    "Milan",
    "Lyon",
    "Porto",
    "Utrecht",
)
REGIONS = ("Bavaria", "Alentejo", "Kansai", "Ontario", "Lombardy", "Ohio", "Oregon", "Vermont")
COUNTRIES = (
    ("DE", "DEU", "Germany"), ("PT", "PRT", "Portugal"), ("JP", "JPN", "Japan"), ("KE", "KEN", "Kenya"),
    ("CA", "CAN", "Canada"), ("PE", "PER", "Peru"), ("NO", "NOR", "Norway"), ("IT", "ITA", "Italy"),
)  # fmt: skip
"""Countries: codes of two and of three letters (ISO 3166), and their names."""

COMPANIES = ("Example Works", "Acme Supplies", "Northwind", "Blue Harbour", "Sample & Sons", "Initech")
STREETS = ("Main Street", "Station Road", "Park Avenue", "Mill Lane", "Garden Street", "Harbour Road")
WORDS = (
    "amber", "basil", "cedar", "delta", "ember", "fjord", "grove", "harbor", "indigo", "juniper", "kelp", "lagoon",
    "maple", "nectar", "olive", "pebble", "quartz", "river", "sage", "tundra", "umber", "violet", "willow", "zephyr",
)  # fmt: skip
