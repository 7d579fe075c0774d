r"""The schema engine: tables of a TOML file as frozen pydantic parts, read and checked; all faults at once.

A kind of file is a class of `hecon.files.parts.Part`, whose fields have the types of that module; a frozen dataclass
with ``__pydantic_config__ = parts.RECORD`` is a table that scripts make too. Rules between fields are functions that
yield (path, message): over the whole parts of a `parts.Sound` where rules compute, or over `parts.outline` where a
rule compares single fields beside faulty ones. `hecon.files.faults` has the words of messages.

>>> from hecon.errors import DossierError
>>> from hecon.files import parts, toml
>>> class Visit(parts.Part):
...     month: parts.Number
>>> class Survey(parts.Part):
...     name: parts.Identifier
...     visit: tuple[Visit, ...]
>>> file = toml.read(b'name = "knee"\n[[visit]]\nmonth = true\n', "knee.toml", DossierError)
>>> survey, faults = parts.validated(file.tree, Survey)
>>> file.refuse(faults)
Traceback (most recent call last):
...
hecon.errors.DossierError: dossier knee.toml has 1 fault:
  line 3: visit[0].month: must be a number, got true
"""
