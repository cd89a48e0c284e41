"""The questions in their order: each has a default, is checked as the settings are, and has a way back."""

from collections.abc import Callable, Collection, Iterable, Sequence

from edge.config.loader import expand
from edge.errors import PosenetEdgeError, UsageError
from edge.mqtt.credentials import make_tls
from edge.report.device_id import device_id
from edge.sense.camera.registry import AUTO, check_source, kinds
from edge.tools.access_list import instructions
from edge.tools.checks.finding import Finding, Level
from edge.tools.doctor.one_frame import check_look
from edge.tools.install.options import broker
from edge.tools.setup.aim import Look
from edge.tools.setup.broker_trial import LOGIN, OWN_TOPICS
from edge.tools.setup.cameras import describe
from edge.tools.setup.dialogue import Back, Dialogue
from edge.tools.setup.draft import PASSWORD_KEY, Draft
from edge.tools.setup.trials import Trials

STEPS = ("Camera", "Broker", "Name", "What is shared", "Summary")
SHARES = {
    "poses": "poses: all 17 joints of everybody in each frame. Whoever may listen sees how each of you moves, and "
    "where you look",
    "body": "body: the same without eyes, ears and nose. How you move is seen, and not where you look",
    "events": "events: no joints at all, only what follows from them: somebody arrived, sits, fell, is in a zone",
}
"""What each value of ``publish.share`` means for those in view."""
_NONE = "-"
"""An answer that takes away what is set."""
_MARK = 9
"""Columns for the level of a finding."""
_ON, _OTHERS, _AGAIN, _HOW = "on", "others", "again", "how"
_HOW_IN_WORDS = "show how a user and an access list are made for mosquitto"


class _Return(Exception):
    """Go back to a certain question."""

    def __init__(self, question: Callable[[], None]) -> None:
        self.question = question


class Wizard:
    """Asks everything; the answers are in the draft."""

    def __init__(self, talk: Dialogue, draft: Draft, trials: Trials, kept: Collection[str], opens_camera: bool) -> None:
        """Ask nothing yet.

        Args:
            talk: With whom.
            draft: The answers.
            trials: Where they are tried.
            kept: Settings that are not asked for, as ``section.key``.
            opens_camera: Look through the camera.
        """
        self._talk, self._draft, self._trials = talk, draft, trials
        self._kept, self._opens_camera = set(kept), opens_camera
        self._reachable = False
        """The broker was tried with these answers, and lets the sensor work."""
        self._tried_id = ""
        self._pages: Sequence[tuple[str, Callable[[], None]]] = (
            (STEPS[0], self._camera),
            (STEPS[0], self._aim),
            (STEPS[1], self._address),
            (STEPS[1], self._tls),
            (STEPS[1], self._authority),
            (STEPS[1], self._user),
            (STEPS[1], self._password),
            (STEPS[1], self._try_broker),
            (STEPS[2], self._name),
            (STEPS[2], self._id),
            (STEPS[2], self._check_id),
            (STEPS[3], self._share),
            (STEPS[3], self._commands),
            (STEPS[3], self._discovery),
            (STEPS[3], self._area),
            (STEPS[4], self._summary),
        )

    def run(self) -> None:
        """Ask question after question, until the summary is agreed to."""
        position, step, asked = 0, "", list[int]()
        while position < len(self._pages):
            title, page = self._pages[position]
            if title != step:
                self._talk.say(f"\n{STEPS.index(title) + 1} of {len(STEPS)}: {title}")
                step = title
            before = self._talk.asked
            try:
                page()
            except Back:
                position = asked.pop() if asked else position
                # What stands before it is told again.
                step = ""
                continue
            except _Return as error:
                position = next(number for number, (_, each) in enumerate(self._pages) if each == error.question)
                asked = [each for each in asked if each < position]
                continue
            if self._talk.asked > before:
                asked.append(position)
            position += 1

    def _camera(self) -> None:
        if "camera.source" in self._kept:
            return
        while not (chosen := self._choose_camera()):
            self._talk.say("Looking again.")
        self._draft.put({("camera", "source"): chosen})

    def _choose_camera(self) -> str:
        """Ask for a camera; empty: look again."""
        found = self._trials.cameras()
        present = self._draft.settings.camera.source
        choices = [(each.source, f"{each.name} ({each.source})") for each in found]
        for source in (present, AUTO):
            if source not in (each.source for each in found):
                choices = [choice for choice in choices if choice[0] != source]
                choices.insert(0, (source, f"{source}: {describe(source)}" if source == AUTO else source))
        if not found:
            self._talk.say(
                "No camera is found here. Connect one and look again, or go on: the installed sensor waits for one. "
                "docs/cameras.md has more."
            )
            choices.append(("", "look again"))
        return self._talk.choose("Which camera", choices, present, self._read_source, _CAMERA_MEANS)

    def _read_source(self, text: str) -> str:
        kind, _, name = text.partition(":")
        if name and kind in kinds() and kinds()[kind].argument == "file":
            # It is typed as it is seen from here; in the file it would be looked for beside that.
            text = f"{kind}:{expand(name).absolute()}"
        check_source(text)
        self._draft.put({("camera", "source"): text})
        return text

    def _aim(self) -> None:
        if not self._opens_camera or "camera.source" in self._kept:
            return
        if holder := self._trials.holder():
            self._talk.say(f"The installed sensor runs and has the camera: {holder['StatusText'] or 'no word yet'}.")
            if not self._trials.is_installed:
                self._talk.say(
                    "It is left alone. To look all the same, first: sudo systemctl stop posenet-sense.service"
                )
                return
            question = "Stop it while you look through the camera, and start it again afterwards?"
        else:
            question = "Look through it now? You see skeletons, never a picture."
        if not self._talk.confirm(question, holder is None, _AIM_MEANS):
            return
        while True:
            self._talk.say("The camera is being opened; Enter ends the look.")
            look = self._trials.look(self._draft)
            installed = self._trials.is_installed
            if look.one_frame.refused and not installed and not self._draft.settings.camera.require_seal:
                self._talk.say(
                    f"Its process cannot be sealed here ({', '.join(look.one_frame.breaches)}), so the camera stayed "
                    "shut. On a desk that is usual, and posenet-edge run opens the camera all the same: docs/seal.md"
                )
                if self._talk.confirm("Look all the same?", False):
                    look = self._trials.look(self._draft, sealed=False)
            self._tell(look, installed)
            choices = [
                (_ON, "go on" if look.sight.width else "go on all the same; the installed sensor waits for its camera"),
                (_AGAIN, "look again"),
                (_OTHERS, "another camera"),
            ]
            chosen = self._talk.choose("What now", choices, _ON if look.sight.most_people else _AGAIN)
            if chosen == _OTHERS:
                raise _Return(self._camera)
            if chosen == _ON:
                return

    def _tell(self, look: Look, installed: bool) -> None:
        if not look.sight.width:
            where = "a sense in the service's sandbox" if installed else "a sense that confined itself"
            for finding in check_look(look.one_frame, where, installed):
                self._tell_finding(finding)
            return
        most = look.sight.most_people
        seen = {0: "Nobody was seen.", 1: "1 person was seen."}.get(most, f"Up to {most} people were seen at a time.")
        self._talk.say(f"{seen} {look.sight.picture()} {look.sight.rate()}")
        if not most:
            self._talk.say(
                "Stand where people will be, from head to knees in view, two to five metres away; then look again."
            )

    def _tell_finding(self, finding: Finding) -> None:
        mark = finding.level.value
        mark = mark.upper() if finding.level in (Level.WARNING, Level.BAD) else mark
        self._talk.say(f"{mark:<{_MARK}}{finding.check}: {finding.found}", _MARK)
        if finding.remedy:
            self._talk.say(f"{'do: ':>{_MARK}}{finding.remedy}", _MARK)

    def _address(self) -> None:
        if "mqtt.host" in self._kept:
            return
        mqtt = self._draft.settings.mqtt

        def read(text: str) -> tuple[str, int]:
            host, port = broker(text)
            self._draft.put({("mqtt", "host"): host, ("mqtt", "port"): port})
            return host, port

        shown = f"[{mqtt.host}]" if ":" in mqtt.host and mqtt.port else mqtt.host
        shown += f":{mqtt.port}" if mqtt.port else ""
        self._talk.ask("MQTT broker, HOST or HOST:PORT", (mqtt.host, mqtt.port), read, shown, _ADDRESS_MEANS)

    def _tls(self) -> None:
        if "mqtt.tls" in self._kept:
            return
        mqtt = self._draft.settings.mqtt
        if self._talk.confirm("Is the connection encrypted (TLS)?", mqtt.tls or mqtt.port == 8883, _TLS_MEANS):
            self._draft.put({("mqtt", "tls"): True})
            return
        files = ("ca_file", "certificate_file", "key_file")
        self._draft.put({("mqtt", "tls"): False, **{("mqtt", key): None for key in files}})

    def _authority(self) -> None:
        mqtt = self._draft.settings.mqtt
        if not mqtt.tls or "mqtt.ca_file" in self._kept:
            return
        key = ("mqtt", "ca_file")

        def read(text: str) -> None:
            before = self._draft.settings.mqtt.ca_file
            self._draft.put({key: None if text == _NONE else str(expand(text).absolute())})
            try:
                make_tls(self._draft.settings.mqtt)
            except PosenetEdgeError:
                self._draft.put({key: str(before) if before else None})
                raise

        shown = str(mqtt.ca_file) if mqtt.ca_file else "the system's"
        self._talk.ask("File of the authority that issued its certificate", None, read, shown, _AUTHORITY_MEANS)

    def _user(self) -> None:
        if "mqtt.username" in self._kept:
            return
        present = self._draft.settings.mqtt.username

        def read(text: str) -> None:
            if text == _NONE:
                self._draft.put({("mqtt", "username"): "", PASSWORD_KEY: None})
            else:
                # Another user has another password.
                other = {} if text == present else {PASSWORD_KEY: None}
                self._draft.put({("mqtt", "username"): text, **other})
            if text != present:
                self._draft.password = ""

        self._talk.ask("User name at the broker", None, read, present, _USER_MEANS, self._how())

    def _password(self) -> None:
        mqtt = self._draft.settings.mqtt
        if not mqtt.username or "mqtt.password_file" in self._kept:
            return

        def read(text: str) -> str:
            if text.splitlines() != [text] or "\0" in text:
                raise UsageError("expected one line")
            return text

        has_one = self._draft.password or mqtt.password_file
        shown = "the one that was typed" if self._draft.password else "the stored one" if has_one else "none"
        if typed := self._talk.ask_secretly("Its password", shown, read, _PASSWORD_MEANS):
            self._draft.password = typed
            self._draft.put({PASSWORD_KEY: str(self._draft.password_path)})

    def _try_broker(self) -> None:
        while True:
            self._reachable = False
            self._talk.say(f"Asking {self._draft.settings.mqtt.host} ...")
            try:
                found = self._take(self._trials.broker(self._draft))
            except PosenetEdgeError as error:
                self._talk.say(str(error))
                found = []
            bad = [finding for finding in found if finding.level is Level.BAD]
            device = self._draft.settings.device
            if [finding.check for finding in bad] == [OWN_TOPICS] and not device.id:
                self._talk.say("It is tried again with the id that you type next.")
                self._reachable, self._tried_id = True, ""
                return
            if found and not bad:
                self._reachable, self._tried_id = True, device_id(device)
                return
            chosen = self._ask_what_now(
                "other answers", "go on all the same; the sensor tries again until the broker lets it"
            )
            if chosen == _ON:
                return
            if chosen == _OTHERS:
                self._kept = {each for each in self._kept if not each.startswith("mqtt.")}
                on_login = any(finding.check == LOGIN and "user" in finding.found for finding in bad)
                raise _Return(self._user if on_login else self._address)

    def _take(self, findings: Iterable[Finding]) -> list[Finding]:
        taken = []
        for finding in findings:
            taken.append(finding)
            self._tell_finding(finding)
        return taken

    def _how(self) -> str:
        return f"On the broker's machine, as root:\n\n{instructions(self._draft.settings)}\n"

    def _name(self) -> None:
        if "device.name" in self._kept:
            return
        present = self._draft.settings.device.name

        def read(text: str) -> None:
            self._draft.put({("device", "name"): "" if text == _NONE else text})

        self._talk.ask("Name of this sensor, for people", None, read, present, _NAME_MEANS)

    def _id(self) -> None:
        if "device.id" in self._kept:
            return
        present = device_id(self._draft.settings.device)

        def read(text: str) -> None:
            if text != present:
                self._draft.put({("device", "id"): text})

        self._talk.ask("Its id, a part of every topic", None, read, present, _ID_MEANS)

    def _check_id(self) -> None:
        identity = device_id(self._draft.settings.device)
        topic = f"{self._draft.settings.mqtt.topic}/{identity}"
        if not self._reachable:
            self._talk.say("Whether another sensor has this id is not known, as the broker was not reached.")
            return
        try:
            taken = self._trials.is_taken(self._draft)
            if not taken and identity != self._tried_id:
                found = [each for each in self._trials.broker(self._draft) if each.check == OWN_TOPICS]
                self._take(found)
                if any(each.level is Level.BAD for each in found):
                    self._ask_about_id("The access list at the broker does not have this id, or not yet.")
                else:
                    self._tried_id = identity
                return
        except PosenetEdgeError as error:
            self._talk.say(str(error))
            return
        if taken:
            self._ask_about_id(
                f"A sensor with this id is online at the broker: {topic}. Two with one id throw each other out. If it "
                "is this one, ended by a power cut, go on."
            )

    def _ask_what_now(self, others: str, on: str) -> str:
        """Ask what to do about a refusal; others, on: the words of the first and the last choice."""
        choices = [(_OTHERS, others), (_AGAIN, "ask once more with the same"), (_HOW, _HOW_IN_WORDS), (_ON, on)]
        while (chosen := self._talk.choose("What now", choices, _OTHERS)) == _HOW:
            self._talk.show(self._how())
        return chosen

    def _ask_about_id(self, why: str) -> None:
        self._talk.say(why)
        chosen = self._ask_what_now("another id", "go on all the same")
        if chosen == _OTHERS:
            self._kept.discard("device.id")
            raise _Return(self._id)
        if chosen == _AGAIN:
            raise _Return(self._check_id)

    def _share(self) -> None:
        if "publish.share" in self._kept:
            return
        present = self._draft.settings.publish.share
        share = self._talk.choose("What may leave this device", list(SHARES.items()), present, None, _SHARE_MEANS)
        self._draft.put({("publish", "share"): share})

    def _commands(self) -> None:
        if "command.enabled" in self._kept:
            return
        present = self._draft.settings.command.enabled
        question = "May it be commanded over MQTT: camera off and on, zones, profiles?"
        self._draft.put({("command", "enabled"): self._talk.confirm(question, present, _COMMANDS_MEAN)})

    def _discovery(self) -> None:
        if "homeassistant.discovery" in self._kept:
            return
        present = self._draft.settings.homeassistant.discovery
        wanted = self._talk.confirm("Shall Home Assistant discover it?", present != "off", _DISCOVERY_MEANS)
        if wanted != (present != "off"):
            self._draft.put({("homeassistant", "discovery"): "device" if wanted else "off"})

    def _area(self) -> None:
        present = self._draft.settings.homeassistant
        if present.discovery == "off" or "homeassistant.area" in self._kept:
            return

        def read(text: str) -> None:
            self._draft.put({("homeassistant", "area"): "" if text == _NONE else text})

        self._talk.ask("In which area of the house is it", None, read, present.area, _AREA_MEANS)

    def _summary(self) -> None:
        lines = self._draft.difference()
        if not lines and not self._draft.writes_password:
            self._talk.say(f"Nothing changes: {self._draft.shown} says all of this already.")
            return
        self._talk.say(f"{self._draft.shown}: - goes, + comes" if lines else f"{self._draft.shown} stays as it is.")
        if lines:
            self._talk.show("\n".join(lines))
        if self._draft.writes_password:
            self._talk.say(f"The password goes to {self._draft.password_path}, which nobody else can read (mode 0600).")
        if not self._talk.confirm("Write it?", True, "Until now nothing was written. n: once more from the beginning."):
            raise _Return(self._pages[0][1])


_CAMERA_MEANS = (
    "A number of the list, or any camera.source: picamera2, v4l2:/dev/video0, video:clip.mp4, stills:photo.jpg. "
    "docs/cameras.md has more, also about an IP camera."
)
_AIM_MEANS = (
    "A process of its own opens the camera, with no network and no place to write, as the sensor's does. Here come "
    "only the positions of joints."
)
_ADDRESS_MEANS = (
    "The machine that takes the sensor's messages and hands them on, for instance the one with Home Assistant: its "
    "name or address. Without a port: 1883, or 8883 with TLS."
)
_TLS_MEANS = "With TLS nobody on the way can read along, and the broker proves who it is. Mostly on port 8883."
_AUTHORITY_MEANS = (
    "A file in PEM, where the broker has a certificate of your own authority; "
    f"{_NONE} for those that this system trusts."
)
_USER_MEANS = f"The name under which the broker knows this sensor; {_NONE} for none."
_PASSWORD_MEANS = "It is tried at once, and written at the end into a file of its own. Enter: it stays what it is."
_NAME_MEANS = f"For instance: Hall. Home Assistant shows it. {_NONE} for none; then the id is shown."
_ID_MEANS = (
    "Letters, digits, - and _. It is a part of every topic and of each entity of Home Assistant, so that it is better "
    "not changed later."
)
_SHARE_MEANS = "docs/privacy.md has more. It may be changed at any time."
_COMMANDS_MEAN = (
    "Whoever may write below command/ at the broker can then switch the camera, zones and detectors off and on, choose "
    "a profile and restart the sensor, for instance in Home Assistant."
)
_DISCOVERY_MEANS = "It appears there by itself, with its entities. No entity shows joints."
_AREA_MEANS = (
    "For instance: Hall. Home Assistant suggests it for a new device; where you have moved the device there, it stays. "
    f"{_NONE} for none."
)
