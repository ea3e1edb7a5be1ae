"""Generates contact files of any length: the same bytes for the same number of rows, and made-up people."""

import random
from collections.abc import Iterator
from pathlib import Path

HEADER = "First Name,Last Name,Mobile,Email,Date of Birth,Address,City,State,Postcode\r\n"

_FIRST_NAMES = "Ada Ben Chloe Dan Eve Finn Grace Hugo Isla Jack Kira Liam Mia Noah Olive Zoë José Anaïs".split()
_LAST_NAMES = "Example Sample Specimen Placeholder Fictional Invented Made-Up O'Sample van_der_Muster Müster".split()
_STREETS = "Example Street,Sample Road,Placeholder Avenue,Invented Lane,Specimen Parade".split(",")
_CITIES = (("Sydney", "NSW", "2000"), ("Melbourne", "VIC", "3000"), ("Perth", "WA", "6000"), ("Darwin", "NT", "0800"))
_MOBILE_COUNT = 4 * 10**7  # 040 to 043: real numbers, so these files are never committed


def write_file(path: Path, rows: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        file.writelines(generate_lines(rows))
    return path


def generate_lines(rows: int) -> Iterator[str]:
    """Yield lines like those of exports: most cells unquoted, four phone formats, one duplicate in a hundred rows."""
    choose = random.Random(rows)
    for row in range(rows):
        first, last = choose.choice(_FIRST_NAMES), choose.choice(_LAST_NAMES).replace("_", " ")
        city, state, postcode = choose.choice(_CITIES)
        street = f"{choose.randrange(1, 400)} {choose.choice(_STREETS)}"
        if row % 20 == 7:
            street = f'"Unit {choose.randrange(1, 90)}, {street}"'
        born = f"{choose.randrange(1, 29):02}/{choose.randrange(1, 13):02}/{choose.randrange(1950, 2005)}"
        phone = "0400 12" if row % 200 == 9 else _format_phone(row - choose.randrange(1, 9) if row % 100 == 99 else row)
        yield f"{first},{last},{phone},person{row}@example.com,{born},{street},{city},{state},{postcode}\r\n"


def _format_phone(row: int) -> str:
    """Return the number of a row, spread over the whole range, in one of the usual formats."""
    digits = str(400_000_000 + row * 17_393_641 % _MOBILE_COUNT)
    phone_format = row % 10
    if phone_format < 4:
        return f"0{digits[:3]} {digits[3:6]} {digits[6:]}"
    if phone_format < 7:
        return f"0{digits}"
    return f"+61{digits}" if phone_format < 9 else digits
