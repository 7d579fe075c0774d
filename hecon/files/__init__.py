r"""The only schema engine: what a file of TOML may hold, how it is read, and what is wrong with one.

**Declare.** A kind of file is a class of `hecon.files.parts.Part`, frozen and strict; a table in it is a field of
another Part, a list of tables a ``tuple[Part, ...]``. The types of the fields (`Number`, `Words`, `Identifier`,
`Text`, ...) are in `parts` too. Tables of one list that differ by kind are a union with a discriminator ``kind``.
A type with a rule of its own is ``Annotated[..., BeforeValidator(check)]``, where ``check`` returns the value or calls
``refused("a year, as in 2022", value)``; a list with words and sizes of its own has ``listed(rule, at_least)``. A
pattern has its words in ``parts.PATTERNS``.
A record that scripts make too is a frozen dataclass with ``__pydantic_config__ = parts.RECORD``; its annotations are
the rules of the file, and `parts.Label` is its name by language, written under the key ``name``.

**Read.** `hecon.files.toml.read` turns the bytes of a file into a `TomlFile`: its tree, with arrays as tuples and
decimals as printed. What is no TOML raises the class of error of that kind of file.

**Check.** `hecon.files.schema.validated` returns the Part and the faults that the schema finds, as pairs of path and
message: "must {rule}, got {value}" and, where there is one, a hint. Rules between fields are functions that yield such
pairs; `hecon.files.faults` has their words (`shown`, `near`, `path_of`). They take the parts without faults from a
`hecon.files.parts.Sound` that ``validated`` has filled, so that nothing is validated twice, or the fields without
faults from `hecon.files.schema.outline`. Neither serves for both: rules that compute, as those of a dossier, need parts
that are validated and whole, which ``outline`` does not give. Rules that compare single fields, as those of a trial's
design, tell a fault beside another one of the same table, of which a ``Sound`` has nothing. ``TomlFile.refuse(faults)``
raises all faults at once, each with its path and line; without faults it does nothing. Rules of what scripts make too,
as of a budget's plan, yield a `hecon.files.faults.BrokenRule`, whose path is keys and places until it is known where
that stands in a file.

>>> from hecon.errors import DossierError
>>> from hecon.files import parts, schema, toml
>>> class Visit(parts.Part):
...     month: parts.Number
>>> class Survey(parts.Part):
...     name: parts.Identifier
...     visit: tuple[Visit, ...]
>>> file = toml.read(b'name = "knee"\n[[visit]]\nmonth = true\n', "knee.toml", DossierError)
>>> survey, faults = schema.validated(file.tree, Survey)
>>> file.refuse(faults)
Traceback (most recent call last):
...
hecon.errors.DossierError: dossier knee.toml has 1 fault:
  line 3: visit[0].month: must be a number, got true
"""
