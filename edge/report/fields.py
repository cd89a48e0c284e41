"""Types of published values: what each may be and how finely, and all that follows from it.

A value that is published is declared once, as a ``Field``, by the code that makes it. Its JSON Schema, the strict check
by which this project's own tools read it back, the bits that a taken-over ``sense`` could hide in it, its row in
docs/messages.md and its entity in Home Assistant are derived from that declaration. Bounds and steps are narrow on
purpose: what is coarse hides nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import ceil, factorial, log2, log10
from typing import Any

from edge.report.json_schema import Schema, check
from edge.wire import MAX_ID, MAX_POSES

OFF_AT_FIRST: Mapping[str, Any] = {"enabled_by_default": False}
"""Options of an entity that few need: Home Assistant has it, and it is switched on there."""


@dataclass(frozen=True, slots=True)
class Entity:
    """How Home Assistant shows a value.

    Attributes:
        platform: ``sensor``, ``binary_sensor``, ``event``, ``switch`` or ``select``.
        name: The friendly name in English; ``{}`` in it stands for the name of a zone, line or rule.
        options: Further keys of the discovery message, in Home Assistant's words.
        words: How words of the value are shown in English, where not as they are: ``jumping_jacks`` is Jumping jacks.
        needs: The setting of that zone, line or rule without which there is nothing to show; empty: none.
        reads: How the value is read: empty: as it is; ``inverted``: a flag that is on where the value is false;
            ``sum``: of the values of an object.
    """

    platform: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    needs: str = ""
    reads: str = ""


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
        check(name, value, self.schema())
        return value

    def bits(self, names: int, persons: int) -> float:
        """Count how many bits a value can hold.

        Args:
            names: How many zones, lines or rules there are.
            persons: How many people there are at most.

        Returns:
            The logarithm to base 2 of how many different values there are.
        """
        raise NotImplementedError

    def quantize(self, value: Any) -> Any:
        """Bring a value to the bounds and steps of its declaration, before it is published."""
        return value

    def in_words(self) -> str:
        """Say in Markdown which values there are, for docs/messages.md."""
        raise NotImplementedError

    def parts_of(self, name: str) -> "dict[str, Field]":
        """List the fields below this one that have names of their own, each by its path below ``name``."""
        return {}

    def _schema(self) -> Schema:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Field):
    """True or false."""

    def bits(self, names: int, persons: int) -> float:
        """True, false or null."""
        return log2(2 + self.nullable)

    def in_words(self) -> str:
        """The two values."""
        return "true, false"

    def _schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Field):
    """A number from ``low`` to ``high`` (inclusive) in steps of ``step``; a whole step makes whole numbers.

    With a step of 0 it may have any digits: only for what ``sense`` has no part in.
    """

    low: float
    high: float
    step: float = 1
    total: bool = False
    """It counts from 0 since its service started, and never goes back."""

    @property
    def is_whole(self) -> bool:
        """True where there are no fractions."""
        return self.step >= 1 and self.step == int(self.step)

    def quantize(self, value: Any) -> Any:
        """Move a number to the nearest step, and into the bounds; null stays null."""
        if value is None or not self.step:
            return value
        bounded = min(max(value, self.low), self.high)
        if self.is_whole:
            return round(bounded / self.step) * round(self.step)
        return round(round(bounded / self.step) * self.step, ceil(-log10(self.step) - 1e-9))

    def in_words(self) -> str:
        """Bounds and steps."""
        kind = "whole number" if self.is_whole else "number"
        # What no clock or counter reaches is no bound that anybody needs to know.
        bounds = f"{self.low:.10g} or more" if self.high >= 1e12 else f"{self.low:.10g} to {self.high:.10g}"
        return f"{kind}, {bounds}" + (f", in steps of {self.step:.10g}" if self.step not in (0, 1) else "")

    def bits(self, names: int, persons: int) -> float:
        """Every step within the bounds, and null."""
        return log2((self.high - self.low) / self.step + 1 + self.nullable)

    def _schema(self) -> Schema:
        # 0.3 is no multiple of 0.1 in floats, so a fraction is told in a word of our own, which validators pass over.
        steps = {"multipleOf" if self.is_whole else "step": self.step} if self.step else {}
        return {"type": "integer" if self.is_whole else "number", "minimum": self.low, "maximum": self.high, **steps}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Field):
    """One of a few fixed words, or of a few fixed whole numbers."""

    allowed: tuple[Any, ...]

    def bits(self, names: int, persons: int) -> float:
        """One of the values, or null."""
        return log2(len(self.allowed) + self.nullable)

    def in_words(self) -> str:
        """All values."""
        return ", ".join(f"`{value}`" for value in self.allowed)

    def _schema(self) -> Schema:
        return {"enum": list(self.allowed)}


@dataclass(frozen=True, slots=True, kw_only=True)
class WordList(Field):
    """Any of a few fixed words, each at most once, in any order."""

    allowed: tuple[str, ...]

    def bits(self, names: int, persons: int) -> float:
        """Every selection in every order, or null."""
        most = len(self.allowed)
        return log2(sum(factorial(most) // factorial(left) for left in range(most + 1)) + self.nullable)

    def in_words(self) -> str:
        """All words."""
        return "list of " + ", ".join(f"`{word}`" for word in self.allowed)

    def _schema(self) -> Schema:
        return {"type": "array", "items": {"enum": list(self.allowed)}, "uniqueItems": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts(Field):
    """An object with a count for each of a few fixed words, without those that were not counted yet."""

    allowed: tuple[str, ...]
    high: int = 2**53 - 1
    nullable: bool = False

    def bits(self, names: int, persons: int) -> float:
        """A count for each word."""
        return len(self.allowed) * log2(self.high + 1)

    def in_words(self) -> str:
        """All of the words."""
        return "object with counts of " + ", ".join(f"`{word}`" for word in self.allowed)

    def _schema(self) -> Schema:
        each = {"type": "integer", "minimum": 0, "maximum": self.high}
        return {"type": "object", "propertyNames": {"enum": list(self.allowed)}, "additionalProperties": each}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Field):
    """A text of at most ``longest`` characters that ``sense`` has no part in: a name out of the settings, a version."""

    longest: int = 32

    def bits(self, names: int, persons: int) -> float:
        """One of the names, or null."""
        return log2(names + self.nullable)

    def in_words(self) -> str:
        """The longest length."""
        return f"text of at most {self.longest} characters"

    def _schema(self) -> Schema:
        return {"type": "string", "maxLength": self.longest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Field):
    """An object with a fixed set of keys, all of them required."""

    parts: Mapping[str, Field]
    nullable: bool = False

    def bits(self, names: int, persons: int) -> float:
        """The bits of all parts together, and null."""
        return sum(part.bits(names, persons) for part in self.parts.values()) + self.nullable

    def in_words(self) -> str:
        """Its parts have rows of their own."""
        return "object"

    def parts_of(self, name: str) -> dict[str, Field]:
        """The parts and those below them."""
        return {path: below for key, part in self.parts.items() for path, below in rows(f"{name}.{key}", part).items()}

    def _schema(self) -> Schema:
        return object_of(self.parts, self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByName(Field):
    """An object with a value for each zone, line or rule, by its name.

    Attributes:
        of: The value.
        section: Which: ``zone``, ``line`` or ``rule``, as the list of the settings is called.
        most: Names at most, as in the settings.
        longest: Characters of a name.
    """

    of: Field
    section: str
    most: int = 32
    longest: int = 32
    nullable: bool = False

    def bits(self, names: int, persons: int) -> float:
        """The bits of each name's value."""
        return names * self.of.bits(names, persons)

    def in_words(self) -> str:
        """The values for each name."""
        return f"object, by name: {self.of.in_words()}"

    def parts_of(self, name: str) -> dict[str, Field]:
        """The parts of each value."""
        return self.of.parts_of(f"{name}.<name>")

    def _schema(self) -> Schema:
        names = {"maxProperties": self.most, "propertyNames": {"maxLength": self.longest}}
        return {"type": "object", **names, "additionalProperties": self.of.schema()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPerson(Field):
    """An object with a value for each person, by id; left out where no poses are shared."""

    of: Field

    def bits(self, names: int, persons: int) -> float:
        """The bits of the number of people, and of the id and the value of each."""
        return persons * (self.of.bits(names, persons) + log2(MAX_ID)) + log2(persons + 1)

    def in_words(self) -> str:
        """The values for each person."""
        return f"object, by the person's id: {self.of.in_words()}"

    def parts_of(self, name: str) -> dict[str, Field]:
        """The parts of each value."""
        return self.of.parts_of(f"{name}.<id>")

    def _schema(self) -> Schema:
        ids = {"maxProperties": MAX_POSES, "propertyNames": {"maxLength": len(str(MAX_ID)), "pattern": "^[0-9]+$"}}
        return {"type": "object", **ids, "additionalProperties": self.of.schema()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Many(Field):
    """A list."""

    of: Field
    most: int
    least: int = 0
    distinct: str = ""
    """The part of each entry in which no two are alike; empty: none."""
    nullable: bool = False

    def bits(self, names: int, persons: int) -> float:
        """The bits of the length and of each entry, and null."""
        return log2(self.most - self.least + 1 + self.nullable) + self.most * self.of.bits(names, persons)

    def in_words(self) -> str:
        """Length and entries."""
        many = f"{self.least} to {self.most}" if self.least else f"at most {self.most}"
        many = str(self.most) if self.least == self.most else many
        return f"list of {many}" + ("" if isinstance(self.of, Group) else f", each: {self.of.in_words()}")

    def parts_of(self, name: str) -> dict[str, Field]:
        """The parts of each entry."""
        return self.of.parts_of(f"{name}[]")

    def _schema(self) -> Schema:
        # That entries differ in a part, JSON Schema cannot say; validators pass over this word of our own.
        distinct = {"distinct": self.distinct} if self.distinct else {}
        return {"type": "array", "minItems": self.least, "maxItems": self.most, "items": self.of.schema(), **distinct}


def point(low: float, high: float, step: float, **declaration: Any) -> Many:
    """Declare two numbers [x, y], each from ``low`` to ``high`` in steps of ``step``."""
    return Many(of=Number(low=low, high=high, step=step, nullable=False), least=2, most=2, **declaration)


def rows(name: str, of: Field) -> dict[str, Field]:
    """List a field and all named fields below it, each by its path."""
    return {name: of, **of.parts_of(name)}


def object_of(fields: Mapping[str, Field], needed: Collection[str]) -> Schema:
    """Describe an object that has no other keys than ``fields``, and all of ``needed``."""
    return {
        "type": "object",
        "properties": {name: part.schema() for name, part in fields.items()},
        "required": list(needed),
        "additionalProperties": False,
    }
