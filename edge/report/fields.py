"""Types of published values: what each may be and how finely, and all that follows from it.

A value that is published is declared once, as a ``Field``, by the code that makes it. Its JSON Schema, the strict check
by which this project's own tools read it back, the bits that a taken-over ``sense`` could hide in it, its row in
docs/messages.md and its entity in Home Assistant are derived from that declaration. Bounds and steps are narrow on
purpose: what is coarse hides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log2
from typing import Any

from edge.errors import BadLine
from edge.wire import MAX_ID, MAX_POSES
from edge.wire.strict_json import number

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entity:
    """How Home Assistant shows a value.

    Attributes:
        platform: ``sensor``, ``binary_sensor``, ``event``, ``switch`` or ``select``.
        name: The friendly name; ``{}`` in it stands for the name of a zone, line or rule.
        options: Further keys of the discovery message, in Home Assistant's words.
        needs: The setting of that zone, line or rule without which there is nothing to show; empty: none.
    """

    platform: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One published value; each kind of value is a subclass.

    Attributes:
        help: What it means, for docs/messages.md: one line of Markdown.
        unit: As in docs/messages.md: ``s``, ``px``, ``0..1`` ...; empty: none.
        nullable: It may be null, while it is not known.
        entity: How Home Assistant shows it; None: not at all.
    """

    help: str = ""
    unit: str = ""
    nullable: bool = True
    entity: Entity | None = None

    def schema(self) -> Schema:
        """Describe the value as JSON Schema (2020-12)."""
        schema = self._schema()
        if not self.nullable:
            return schema
        if "enum" in schema:
            return {**schema, "enum": [*schema["enum"], None]}
        return {**schema, "type": [schema["type"], "null"]}

    def read(self, name: str, value: Any) -> Any:
        """Check a value that somebody else sent.

        Args:
            name: Of the field, for the error.
            value: As JSON gave it.

        Returns:
            The value itself.

        Raises:
            BadLine: It is not what the schema says.
        """
        return None if value is None and self.nullable else self._read(name, value)

    def bits(self, names: int, persons: int) -> float:
        """Count how many bits a value can hold.

        Args:
            names: How many zones, lines or rules there are.
            persons: How many people there are at most.

        Returns:
            The logarithm to base 2 of how many different values there are.
        """
        raise NotImplementedError

    def _schema(self) -> Schema:
        raise NotImplementedError

    def _read(self, name: str, value: Any) -> Any:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Field):
    """True or false."""

    def bits(self, names: int, persons: int) -> float:
        """True, false or null."""
        return log2(2 + self.nullable)

    def _schema(self) -> Schema:
        return {"type": "boolean"}

    def _read(self, name: str, value: Any) -> bool:
        if type(value) is not bool:
            raise BadLine("wrong_type", name)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Field):
    """A number from ``low`` to ``high`` (inclusive) in steps of ``step``; a whole step makes whole numbers."""

    low: float
    high: float
    step: float = 1

    @property
    def is_whole(self) -> bool:
        """Whether there are no fractions."""
        return self.step == int(self.step)

    def bits(self, names: int, persons: int) -> float:
        """Every step within the bounds, and null."""
        return log2((self.high - self.low) / self.step + 1 + self.nullable)

    def _schema(self) -> Schema:
        # 0.3 is no multiple of 0.1 in floats, so a fraction is told in a word of our own, which validators pass over.
        steps = {"multipleOf" if self.is_whole else "step": self.step}
        return {"type": "integer" if self.is_whole else "number", "minimum": self.low, "maximum": self.high, **steps}

    def _read(self, name: str, value: Any) -> float:
        return float(number(name, int if self.is_whole else float, value, self.low, self.high))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Field):
    """One of a few fixed words."""

    allowed: tuple[str, ...]

    def bits(self, names: int, persons: int) -> float:
        """One of the words, or null."""
        return log2(len(self.allowed) + self.nullable)

    def _schema(self) -> Schema:
        return {"enum": list(self.allowed)}

    def _read(self, name: str, value: Any) -> str:
        if type(value) is not str:
            raise BadLine("wrong_type", name)
        if value not in self.allowed:
            raise BadLine("unknown_word", name)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Field):
    """A text of at most ``longest`` characters that ``sense`` has no part in: a name out of the settings, a version."""

    longest: int = 32

    def bits(self, names: int, persons: int) -> float:
        """Which of the names, or null."""
        return log2(names + self.nullable)

    def _schema(self) -> Schema:
        return {"type": "string", "maxLength": self.longest}

    def _read(self, name: str, value: Any) -> str:
        if type(value) is not str:
            raise BadLine("wrong_type", name)
        if len(value) > self.longest:
            raise BadLine("out_of_range", name)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Point(Field):
    """Two numbers [x, y], each from ``low`` to ``high`` in steps of ``step``."""

    low: float
    high: float
    step: float

    @property
    def _part(self) -> Number:
        return Number(low=self.low, high=self.high, step=self.step, nullable=False)

    def bits(self, names: int, persons: int) -> float:
        """Those of both numbers."""
        return 2 * self._part.bits(names, persons)

    def _schema(self) -> Schema:
        return {"type": "array", "items": self._part.schema(), "minItems": 2, "maxItems": 2}

    def _read(self, name: str, value: Any) -> list[float]:
        if type(value) is not list or len(value) != 2:
            raise BadLine("wrong_type", name)
        return [self._part.read(name, part) for part in value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Field):
    """An object with a fixed set of keys, all of them required."""

    parts: Mapping[str, Field]
    nullable: bool = False

    def bits(self, names: int, persons: int) -> float:
        """Those of all parts together."""
        return sum(part.bits(names, persons) for part in self.parts.values())

    def _schema(self) -> Schema:
        return {
            "type": "object",
            "properties": {name: part.schema() for name, part in self.parts.items()},
            "required": list(self.parts),
            "additionalProperties": False,
        }

    def _read(self, name: str, value: Any) -> dict[str, Any]:
        table = _object(name, value)
        if unknown := table.keys() - self.parts.keys():
            raise BadLine("unknown_field", f"{name}: {len(unknown)} of them")
        if missing := self.parts.keys() - table.keys():
            raise BadLine("missing_field", f"{name}.{min(missing)}")
        return {key: part.read(f"{name}.{key}", table[key]) for key, part in self.parts.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ByName(Field):
    """An object with a value for each zone, line or rule, by its name.

    Attributes:
        of: The value.
        section: Which: ``zone``, ``line`` or ``rule``, as the list of the settings is called.
    """

    of: Field
    section: str
    nullable: bool = False

    def bits(self, names: int, persons: int) -> float:
        """Those of each name's value."""
        return names * self.of.bits(names, persons)

    def _schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self.of.schema()}

    def _read(self, name: str, value: Any) -> dict[str, Any]:
        return {key: self.of.read(f"{name}.{key}", part) for key, part in _object(name, value).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPerson(Field):
    """An object with a value for each person, by id; left out where no poses are shared."""

    of: Field

    def bits(self, names: int, persons: int) -> float:
        """How many people, and the id and the value of each."""
        return persons * (self.of.bits(names, persons) + log2(MAX_ID)) + log2(persons + 1)

    def _schema(self) -> Schema:
        return {"type": "object", "maxProperties": MAX_POSES, "additionalProperties": self.of.schema()}

    def _read(self, name: str, value: Any) -> dict[str, Any]:
        table = _object(name, value)
        if len(table) > MAX_POSES:
            raise BadLine("too_many_poses", name)
        return {key: self.of.read(f"{name}.{key}", part) for key, part in table.items()}


def _object(name: str, value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise BadLine("wrong_type", name)
    return value
