"""The command `hecon value-sets`."""

import json

import pytest

from hecon import eq5d
from hecon.cli import main as cli


def test_each_set_has_a_line_with_its_source(capsys):
    """What NICE says of a set stands on the line below it, in the language asked for."""
    cli.main(["value-sets", "--version", "EQ-5D-3L", "--lang", "nl"])
    lines = capsys.readouterr().out.splitlines()

    assert len(lines) == 34
    place = next(i for i, line in enumerate(lines) if line.startswith("uk-3l-1997 "))
    assert lines[place].endswith(
        "Dolan P. Modeling valuations for EuroQol health states. Med Care 1997;35(11):1095-1108."
    )
    assert lines[place + 1].strip().startswith("NICE: de referentiecasus voor onderwerpen die uiterlijk op 27 augustus")


def test_json_has_all_of_them(capsys):
    cli.main(["value-sets", "--format", "json"])
    rows = json.loads(capsys.readouterr().out)

    assert [row["name"] for row in rows] == [each.name for each in eq5d.value_sets()]
    assert {"doi", "licence", "via", "position"} <= set(rows[0])


def test_an_unknown_version_is_refused(capsys):
    with pytest.raises(SystemExit):
        cli.main(["value-sets", "--version", "5L"])

    assert "invalid choice: '5L'" in capsys.readouterr().err
