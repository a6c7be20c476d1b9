// SPDX-License-Identifier: Apache-2.0

import type { AlarmKind } from "../../lib/alarm-kinds.js";
import type { Door, Lack } from "../doors.js";
import { since, timeText } from "../parts/time.js";
import { listed, words } from "../words.js";

export const doorWords = words({
	en: {
		none: "There are no doors yet. A reader becomes a door by commissioning.",
		caption: "Doors by name",
		name: "Door",
		state: "State",
		alarms: "Alarms",
		noAlarms: "none",
		planAge: "Plan",
		timeAge: "Time",
		logAge: "Log",
		"has-it": "Has everything",
		waiting: (what: string): string => `Waiting for ${what}`,
		unreachable: (when: string): string => `Unreachable since ${when}`,
		never: "Never heard of",
		unregistered: "No reader yet",
		alsoLacks: (what: string): string => `It lacks ${what}.`,
		refusedByReader:
			"Its reader refuses the server: by its clock the server's key has ended or not begun, or it does not know the newest list of keys. Set its clock by cable if it does not come back.",
		refusedHere: (why: string): string => `The server refused its reader (${why}).`,
		lacks: {
			all: "everything",
			"site-list": "this site's list of keys",
			"trust-list": "the newest list of keys",
			plan: "the newest plan",
			notice: "the newest revocations",
			lockdown: "the lockdown",
			settings: "its settings",
			configuration: "its configuration",
			signature: "changes that the server cannot sign (see Keys)",
		},
		lockdown: (until: string): string => `Lockdown until ${until}`,
		planFrom: (n: number, when: string): string => `Plan ${n}, of ${when}`,
		planBehind: (n: number): string => `has plan ${n}`,
		noPlan: "no plan yet",
		clockRight: "Right",
		clockOff: (by: string): string => `Off by ${by}`,
		clockUnset: "Not set",
		notHeard: "Not heard yet",
		logTo: (when: string): string => `Up to ${when}`,
		logMissing: (n: number): string => `${n} events still there`,
		noLog: "Empty",
		fork: (when: string): string =>
			`Its log differs from what the server has of it, since ${when}: nothing of it is taken until somebody decides.`,
		endFork: "The server's log is the right one",
		endForkTitle: "Go on from what the server has?",
		endForkText:
			"Do this once you know which reader is the right one. If another one hangs at the door, commission the right reader anew instead.",
		saidAt: (when: string): string => `said ${when}`,
		signal: "Wi-Fi signal",
		reader: "Reader",
		key: "Its public key",
		backTo: "All doors",
		events: "Events of this door",
		commands: "Do now",
		commandsAbout: "Now or never: a command is not kept for a door that is not reached.",
		open: "Unlock",
		openFor: "Seconds",
		lock: "Lock now",
		normal: "As scheduled",
		release: "End lockdown here",
		lockdownHere: "Lock down",
		identify: "Identify",
		restart: "Restart reader",
		questions: {
			open: "The door unlocks at once, for whoever stands there.",
			lock: "It stays locked, whatever the schedule says, until “As scheduled”. Credentials and the exit button work.",
			normal: "The door goes by its schedule again: it may unlock at once.",
			release:
				"The lockdown by command ends at this door. One by notice for the site has to be ended for the site.",
			lockdown: "Nobody gets in but who may during a lockdown. The exit button works.",
			identify: "The reader lights up and beeps, so that it is found.",
			restart: "The reader is away for some seconds. The door stays locked meanwhile.",
		},
		done: (what: string, door: string): string => `${what}: done at ${door}.`,
		unknown: (door: string): string => `${door} has not answered: it may have been done. Look at the events.`,
		refusals: {
			"not-connected": "The door is not reached.",
			unreachable: "The door is not reached.",
			"too-soon": "The reader has only just started. Try again in a minute.",
			lockdown: "The door is locked down.",
			refused: "The reader refused it.",
		} as Readonly<Record<string, string>>,
		settings: "Settings",
		settingsAbout:
			"Sound, time to come back, and Wi-Fi are the site's. Everything about wires needs an installer's signature (lintel configuration sign).",
		sounds: "Sounds",
		soundNames: { all: "All", "alarms-only": "Alarms alone", none: "None", "": "As it is" },
		spread: "Come back spread over, seconds",
		ssid: "Wi-Fi name",
		password: "Wi-Fi password",
		wifiHint: "A network is tried: if the door does not come back in it, it returns to the one before.",
		give: "Send to the door",
		isGiven: "Sent. The door takes it when it is reached.",
		settingsState: {
			waiting: "Waiting for the door",
			taken: "The door has taken it",
			refused: "The door has refused it",
		},
		rename: "Name",
		isRenamed: "Renamed.",
		save: "Save",
		modes: "What the door does by itself",
		modesAbout: "The first line whose schedule holds counts; else the last.",
		otherwise: "Otherwise",
		mode: "Mode",
		modeNames: {
			locked: "Locked: opens for credentials",
			unlocked: "Unlocked: opens for everybody",
			"unlocked-after-first": "Unlocked once the first person has come",
			"admit-after-first": "Locked to all until the first person has come",
			lockdown: "Lockdown",
		},
		line: (n: number): string => `Line ${n}`,
		addLine: "Add a line",
		removeLine: (n: number): string => `Remove line ${n}`,
		timeZone: "Time zone",
		timeZoneHint: "Empty: the site's.",
		officeMode: "Who may come first may keep it unlocked by a double tap",
		isSaved: "Saved. The door has it in some seconds, if it is reached.",
		site: "The whole site",
		siteLockdown: "Lock down all doors",
		siteLockdownTitle: "Lock down all doors?",
		siteLockdownText:
			"Nobody gets in but who may during a lockdown. It holds at doors that are not reached now as soon as they are. Exit buttons and fire alarms work.",
		hours: "For how many hours",
		endLockdown: "End the lockdown",
		endLockdownTitle: "End the lockdown?",
		endLockdownText: "Each door goes by its schedule again as soon as it is reached.",
		isLockedDown: "The site is locked down.",
		lockdownStands: (until: string): string => `Lockdown of the site until ${until}`,
		someDoors: (names: string): string => `at ${names}`,
		lockdownEnded: "The lockdown is ended.",
	},
	de: {
		none: "Es gibt noch keine Türen. Ein Leser wird durch die Inbetriebnahme zur Tür.",
		caption: "Türen nach Namen",
		name: "Tür",
		state: "Zustand",
		alarms: "Alarme",
		noAlarms: "keine",
		planAge: "Plan",
		timeAge: "Uhrzeit",
		logAge: "Ereignisse",
		"has-it": "Hat alles",
		waiting: (what: string): string => `Wartet auf ${what}`,
		unreachable: (when: string): string => `Nicht erreichbar seit ${when}`,
		never: "Noch nie gehört",
		unregistered: "Noch kein Leser",
		alsoLacks: (what: string): string => `Es fehlt: ${what}.`,
		refusedByReader:
			"Ihr Leser lehnt den Server ab: Nach seiner Uhr ist der Schlüssel des Servers abgelaufen oder gilt noch nicht, oder er kennt die neueste Schlüsselliste nicht. Kommt sie nicht wieder, stellen Sie die Uhr per Kabel.",
		refusedHere: (why: string): string => `Der Server hat ihren Leser abgelehnt (${why}).`,
		lacks: {
			all: "alles",
			"site-list": "die Schlüsselliste dieser Anlage",
			"trust-list": "die neueste Schlüsselliste",
			plan: "den neuesten Plan",
			notice: "die neuesten Sperrungen",
			lockdown: "die Sperre",
			settings: "ihre Einstellungen",
			configuration: "ihre Konfiguration",
			signature: "Änderungen, die der Server nicht signieren kann (siehe Schlüssel)",
		},
		lockdown: (until: string): string => `Sperre bis ${until}`,
		planFrom: (n: number, when: string): string => `Plan ${n}, von ${when}`,
		planBehind: (n: number): string => `hat Plan ${n}`,
		noPlan: "noch kein Plan",
		clockRight: "Richtig",
		clockOff: (by: string): string => `Um ${by} falsch`,
		clockUnset: "Nicht gestellt",
		notHeard: "Noch nicht gehört",
		logTo: (when: string): string => `Bis ${when}`,
		logMissing: (n: number): string => `${n} Ereignisse noch dort`,
		noLog: "Leer",
		fork: (when: string): string =>
			`Ihr Protokoll weicht seit ${when} von dem ab, was der Server hat: Nichts davon wird übernommen, bis jemand entscheidet.`,
		endFork: "Das Protokoll des Servers ist das richtige",
		endForkTitle: "Von dem ausgehen, was der Server hat?",
		endForkText:
			"Tun Sie das, wenn Sie wissen, welcher Leser der richtige ist. Hängt ein anderer an der Tür, nehmen Sie stattdessen den richtigen neu in Betrieb.",
		saidAt: (when: string): string => `gemeldet ${when}`,
		signal: "WLAN-Empfang",
		reader: "Leser",
		key: "Sein öffentlicher Schlüssel",
		backTo: "Alle Türen",
		events: "Ereignisse dieser Tür",
		commands: "Jetzt tun",
		commandsAbout: "Jetzt oder nie: Für eine nicht erreichte Tür wird kein Befehl aufgehoben.",
		open: "Öffnen",
		openFor: "Sekunden",
		lock: "Jetzt verriegeln",
		normal: "Nach Zeitplan",
		release: "Sperre hier aufheben",
		lockdownHere: "Sperren",
		identify: "Kenntlich machen",
		restart: "Leser neu starten",
		questions: {
			open: "Die Tür geht sofort auf, für jeden, der dort steht.",
			lock: "Sie bleibt verriegelt, was immer der Zeitplan sagt, bis „Nach Zeitplan“. Berechtigungen und der Ausgangstaster wirken.",
			normal: "Die Tür richtet sich wieder nach ihrem Zeitplan: Sie kann sofort aufgehen.",
			release:
				"Die Sperre auf Befehl endet an dieser Tür. Eine Sperre der Anlage muss für die Anlage aufgehoben werden.",
			lockdown: "Niemand kommt hinein außer wer bei Sperre darf. Der Ausgangstaster wirkt.",
			identify: "Der Leser leuchtet und piept, damit man ihn findet.",
			restart: "Der Leser ist einige Sekunden weg. Die Tür bleibt solange verriegelt.",
		},
		done: (what: string, door: string): string => `${what}: geschehen an ${door}.`,
		unknown: (door: string): string =>
			`${door} hat nicht geantwortet: Vielleicht ist es geschehen. Sehen Sie in den Ereignissen nach.`,
		refusals: {
			"not-connected": "Die Tür ist nicht erreichbar.",
			unreachable: "Die Tür ist nicht erreichbar.",
			"too-soon": "Der Leser ist eben erst gestartet. Versuchen Sie es in einer Minute wieder.",
			lockdown: "Die Tür ist gesperrt.",
			refused: "Der Leser hat es abgelehnt.",
		} as Readonly<Record<string, string>>,
		settings: "Einstellungen",
		settingsAbout:
			"Ton, Zeit zum Wiederkommen und WLAN stellt die Anlage ein. Alles über Drähte braucht die Unterschrift eines Installateurs (lintel configuration sign).",
		sounds: "Töne",
		soundNames: { all: "Alle", "alarms-only": "Nur Alarme", none: "Keine", "": "Wie bisher" },
		spread: "Wiederkommen verteilt über, Sekunden",
		ssid: "Name des WLANs",
		password: "Passwort des WLANs",
		wifiHint: "Ein Netz wird versucht: Kommt die Tür darin nicht wieder, kehrt sie in das vorige zurück.",
		give: "An die Tür senden",
		isGiven: "Gesendet. Die Tür nimmt es, wenn sie erreichbar ist.",
		settingsState: {
			waiting: "Wartet auf die Tür",
			taken: "Die Tür hat es übernommen",
			refused: "Die Tür hat es abgelehnt",
		},
		rename: "Name",
		isRenamed: "Umbenannt.",
		save: "Speichern",
		modes: "Was die Tür von selbst tut",
		modesAbout: "Die erste Zeile, deren Zeitplan gilt, zählt; sonst die letzte.",
		otherwise: "Sonst",
		mode: "Betriebsart",
		modeNames: {
			locked: "Verriegelt: geht für Berechtigungen auf",
			unlocked: "Entriegelt: geht für alle auf",
			"unlocked-after-first": "Entriegelt, sobald die erste Person gekommen ist",
			"admit-after-first": "Für alle verriegelt, bis die erste Person gekommen ist",
			lockdown: "Sperre",
		},
		line: (n: number): string => `Zeile ${n}`,
		addLine: "Zeile hinzufügen",
		removeLine: (n: number): string => `Zeile ${n} entfernen`,
		timeZone: "Zeitzone",
		timeZoneHint: "Leer: die der Anlage.",
		officeMode: "Wer als Erster kommen darf, kann sie durch zweimaliges Anhalten entriegelt halten",
		isSaved: "Gespeichert. Die Tür hat es in einigen Sekunden, wenn sie erreichbar ist.",
		site: "Die ganze Anlage",
		siteLockdown: "Alle Türen sperren",
		siteLockdownTitle: "Alle Türen sperren?",
		siteLockdownText:
			"Niemand kommt hinein außer wer bei Sperre darf. An jetzt nicht erreichbaren Türen gilt es, sobald sie erreichbar sind. Ausgangstaster und Brandalarm wirken.",
		hours: "Für wie viele Stunden",
		endLockdown: "Sperre aufheben",
		endLockdownTitle: "Sperre aufheben?",
		endLockdownText: "Jede Tür richtet sich wieder nach ihrem Zeitplan, sobald sie erreichbar ist.",
		isLockedDown: "Die Anlage ist gesperrt.",
		lockdownStands: (until: string): string => `Sperre der Anlage bis ${until}`,
		someDoors: (names: string): string => `an ${names}`,
		lockdownEnded: "Die Sperre ist aufgehoben.",
	},
});

/** How a door stands, in words. */
export function standingText({ lacks, since: at, state }: Pick<Door, "lacks" | "since" | "state">): string {
	const t = doorWords();
	switch (state) {
		case "has-it":
			return t["has-it"];
		case "waiting":
			return t.waiting(lacksText(lacks));
		case "unregistered":
			return t.unregistered;
		case "unreachable":
			return at === null ? t.never : t.unreachable(timeText(at));
	}
}

export function lacksText(lacks: readonly Lack[]): string {
	const t = doorWords();
	return listed(lacks.map(({ what }) => t.lacks[what]));
}

/** Why it is in no session, where that is known. */
export function refusedText({ refused }: Pick<Door, "refused">): string | undefined {
	const t = doorWords();
	if (refused === null) return undefined;
	const { detail, reason } = refused;
	return reason === "peer-error" && detail === "refused"
		? t.refusedByReader
		: t.refusedHere(detail ?? reason);
}

/** Age of a door's plan, time and log, each in words. */
export function agesOf({
	log,
	plan,
	time,
}: Pick<Door, "plan" | "time" | "log">): Record<"plan" | "time" | "log", string> {
	const t = doorWords();
	const { has, newest } = plan;
	const missing = log.there === null ? 0 : Math.max(0, log.there - log.here);
	return {
		plan:
			newest === null
				? t.noPlan
				: [
						t.planFrom(newest.version, timeText(newest.issued)),
						...(has === null || has.version === newest.version ? [] : [t.planBehind(has.version)]),
					].join("; "),
		time: time === null ? t.notHeard : clockText(time),
		log: [
			log.newest === null ? t.noLog : t.logTo(timeText(log.newest)),
			...(missing === 0 ? [] : [t.logMissing(missing)]),
		].join("; "),
	};
}

/** A clock that is not further off is right, s. */
const RIGHT_S = 30;

function clockText({ at, off }: NonNullable<Door["time"]>): string {
	const t = doorWords();
	if (off === null) return t.clockUnset;
	const said = t.saidAt(since(at));
	return `${Math.abs(off) <= RIGHT_S ? t.clockRight : t.clockOff(`${off} s`)}, ${said}`;
}

export const alarmWords = words({
	en: {
		kinds: {
			forced: "Door forced open",
			held: "Door held open",
			tamper: "Reader's case opened",
			fire: "Fire alarm",
			"input-fault": "Fault of a wire or contact",
			"relay-lapsed": "Lock fell back: reader's software was late",
			"denied-often": "Refused often",
			restarted: "Reader restarted unasked",
			"clock-off": "Clock is off",
			"log-fork": "Log has two histories",
			"list-fork": "List of keys has two histories",
			"two-readers": "Two readers with one identity",
		} satisfies Record<AlarmKind, string>,
		advice: {
			forced: "Look at the door.",
			held: "Close the door.",
			tamper: "Look at the reader.",
			fire: "The door is released while the fire alarm lasts.",
			"input-fault": "Have the wiring looked at.",
			"relay-lapsed": "Send the log to the maker if it happens again.",
			"denied-often": "Look who is at the door; the events say why.",
			restarted: "Look at the supply; the events say the cause.",
			"clock-off": "Opens by schedules may be wrong there. Set the clock by cable if it does not get right.",
			"log-fork": "The reader was replaced or tampered with: do not trust its log, and look at it.",
			"list-fork": "The reader follows other keys than the site: replace it.",
			"two-readers": "One of them is a copy: look at the door and replace the reader.",
		} satisfies Record<AlarmKind, string>,
		noneOpen: "Nothing is open.",
		none: "There were none.",
		caption: "Alarms, the newest first",
		what: "Alarm",
		door: "Door",
		when: "When",
		state: "State",
		goesOn: "goes on",
		over: (when: string): string => `over since ${when}`,
		open: "Open",
		all: "All",
		show: "Show",
		seen: (who: string, when: string): string => `Seen by ${who}, ${when}`,
		program: "a program",
		acknowledge: "I have seen it",
		acknowledgeAll: "I have seen all of these",
		isAcknowledged: "Noted.",
		more: "Show more",
		count: (n: number): string => `${n} times`,
	},
	de: {
		kinds: {
			forced: "Tür aufgebrochen",
			held: "Tür wird offen gehalten",
			tamper: "Gehäuse des Lesers geöffnet",
			fire: "Brandalarm",
			"input-fault": "Störung an Leitung oder Kontakt",
			"relay-lapsed": "Schloss fiel zurück: Software des Lesers zu spät",
			"denied-often": "Oft abgewiesen",
			restarted: "Leser ungefragt neu gestartet",
			"clock-off": "Uhr geht falsch",
			"log-fork": "Protokoll hat zwei Fassungen",
			"list-fork": "Schlüsselliste hat zwei Fassungen",
			"two-readers": "Zwei Leser mit einer Identität",
		} satisfies Record<AlarmKind, string>,
		advice: {
			forced: "Die Tür ansehen.",
			held: "Die Tür schließen.",
			tamper: "Den Leser ansehen.",
			fire: "Die Tür ist freigegeben, solange der Brandalarm dauert.",
			"input-fault": "Die Verkabelung ansehen lassen.",
			"relay-lapsed": "Kommt es wieder, das Protokoll an den Hersteller senden.",
			"denied-often": "Nachsehen, wer an der Tür ist; die Ereignisse sagen warum.",
			restarted: "Die Stromversorgung ansehen; die Ereignisse nennen den Grund.",
			"clock-off":
				"Zeitpläne gelten dort vielleicht falsch. Wird sie nicht richtig, die Uhr per Kabel stellen.",
			"log-fork":
				"Der Leser wurde getauscht oder manipuliert: Seinem Protokoll nicht trauen und ihn ansehen.",
			"list-fork": "Der Leser folgt anderen Schlüsseln als die Anlage: ihn tauschen.",
			"two-readers": "Einer davon ist eine Kopie: die Tür ansehen und den Leser tauschen.",
		} satisfies Record<AlarmKind, string>,
		noneOpen: "Nichts ist offen.",
		none: "Es gab keine.",
		caption: "Alarme, die neuesten zuerst",
		what: "Alarm",
		door: "Tür",
		when: "Wann",
		state: "Zustand",
		goesOn: "dauert an",
		over: (when: string): string => `vorbei seit ${when}`,
		open: "Offene",
		all: "Alle",
		show: "Anzeigen",
		seen: (who: string, when: string): string => `Gesehen von ${who}, ${when}`,
		program: "einem Programm",
		acknowledge: "Habe ich gesehen",
		acknowledgeAll: "Habe alle diese gesehen",
		isAcknowledged: "Vermerkt.",
		more: "Mehr anzeigen",
		count: (n: number): string => `${n}-mal`,
	},
});
