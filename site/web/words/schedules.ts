// SPDX-License-Identifier: Apache-2.0

import { count, locale, words } from "../words.js";

export const scheduleWords = words({
	en: {
		about: "A schedule is a week's hours, in the time of the door. Access plans and doors go by schedules.",
		add: "Add schedule",
		addTitle: "Add schedule",
		editTitle: (name: string): string => `Schedule ${name}`,
		none: "There are no schedules yet.",
		caption: "Schedules by name",
		name: "Name",
		nameTaken: "This name is taken.",
		times: "Times",
		usedBy: "Used by",
		unused: "Not used",
		doorMode: (door: string): string => `door ${door}`,
		week: "The week",
		weekAbout:
			"Drag over a day to open it for that time; drag a time or its ends to change it. With the keyboard: arrow keys move a time, with Shift its end, Delete takes it away.",
		table: "Times by day",
		day: "Day",
		holidays: (kind: string): string => `Holidays: ${kind}`,
		closed: "closed",
		addTime: "Add time",
		removeTime: "Remove",
		from: "from",
		to: "to",
		fromOn: (day: string, n: number): string => `${day}, time ${n}: from`,
		toOn: (day: string, n: number): string => `${day}, time ${n}: to`,
		nextDay: "on the next day",
		copy: "Same on all weekdays",
		noTime: "A time ends after it begins, and is shorter than a day. For the whole day: 00:00 to 00:00.",
		changed: "Not saved yet",
		save: "Save",
		remove: "Remove",
		isSaved: (name: string): string => `${name} is saved. Doors that are reached have it in some seconds.`,
		isRemoved: (name: string): string => `${name} is removed.`,
		removeTitle: (name: string): string => `Remove ${name}?`,
		removeText: "It cannot be brought back.",
		inUse: "It is still used: see what goes by it.",
		backTo: "All schedules",
		look: "See a week",
		lookAbout: "How doors go by what is saved and drawn here, with holidays and changes of the clock.",
		weekOf: "Week of",
		before: "Week before",
		after: "Week after",
		zone: "Time zone",
		open: (hours: string): string => `open ${hours} h`,
		isHoliday: (kinds: string): string => `holiday (${kinds})`,
		skipped: (from: string, to: string): string =>
			`the clock goes from ${from} to ${to}: this time is left out`,
		twice: (from: string, to: string): string =>
			`the clock goes back from ${to} to ${from}: this time comes twice`,
		weekCaption: "Times of this week by day",
		date: "Date",
		note: "Note",
		addHolidays: "Add holidays",
		holidaysTitle: "Holidays",
		holidaysAbout:
			"On a holiday the weekday's hours do not hold, unless a schedule says so for its kind. Eight kinds are possible.",
		noHolidays: "There are no holidays yet.",
		holidaysCaption: "Holidays by kind",
		kind: "Kind",
		days: "Days",
		dayCount: (n: number): string => count(n, { one: "# entry", other: "# entries" }),
		kindTitle: (kind: string): string => `Holidays: ${kind}`,
		firstDay: "First day",
		length: "Number of days",
		everyYear: "Every year",
		year: "Year",
		addDay: "Add a day or days",
		entry: (n: number): string => `Entry ${n}`,
		upTo: (day: string): string => `to ${day}`,
		badDay: "Choose a day for each entry.",
	},
	de: {
		about:
			"Ein Zeitplan sind die Stunden einer Woche, in der Zeit der Tür. Zutrittspläne und Türen richten sich nach Zeitplänen.",
		add: "Zeitplan hinzufügen",
		addTitle: "Zeitplan hinzufügen",
		editTitle: (name: string): string => `Zeitplan ${name}`,
		none: "Es gibt noch keine Zeitpläne.",
		caption: "Zeitpläne nach Namen",
		name: "Name",
		nameTaken: "Dieser Name ist vergeben.",
		times: "Zeiten",
		usedBy: "Verwendet von",
		unused: "Nicht verwendet",
		doorMode: (door: string): string => `Tür ${door}`,
		week: "Die Woche",
		weekAbout:
			"Ziehen Sie über einen Tag, um ihn für diese Zeit zu öffnen; ziehen Sie eine Zeit oder ihre Enden, um sie zu ändern. Mit der Tastatur: Pfeiltasten verschieben eine Zeit, mit Umschalt ihr Ende, Entf nimmt sie weg.",
		table: "Zeiten nach Tagen",
		day: "Tag",
		holidays: (kind: string): string => `Feiertage: ${kind}`,
		closed: "geschlossen",
		addTime: "Zeit hinzufügen",
		removeTime: "Entfernen",
		from: "von",
		to: "bis",
		fromOn: (day: string, n: number): string => `${day}, Zeit ${n}: von`,
		toOn: (day: string, n: number): string => `${day}, Zeit ${n}: bis`,
		nextDay: "am nächsten Tag",
		copy: "Gleich an allen Werktagen",
		noTime:
			"Eine Zeit endet, nachdem sie beginnt, und ist kürzer als ein Tag. Für den ganzen Tag: 00:00 bis 00:00.",
		changed: "Noch nicht gespeichert",
		save: "Speichern",
		remove: "Entfernen",
		isSaved: (name: string): string =>
			`${name} ist gespeichert. Erreichbare Türen haben es in einigen Sekunden.`,
		isRemoved: (name: string): string => `${name} ist entfernt.`,
		removeTitle: (name: string): string => `${name} entfernen?`,
		removeText: "Das lässt sich nicht zurücknehmen.",
		inUse: "Er wird noch gebraucht: Sehen Sie nach, was sich danach richtet.",
		backTo: "Alle Zeitpläne",
		look: "Eine Woche ansehen",
		lookAbout:
			"So richten sich Türen nach dem, was hier gezeichnet ist, mit Feiertagen und Umstellungen der Uhr.",
		weekOf: "Woche vom",
		before: "Woche davor",
		after: "Woche danach",
		zone: "Zeitzone",
		open: (hours: string): string => `${hours} h offen`,
		isHoliday: (kinds: string): string => `Feiertag (${kinds})`,
		skipped: (from: string, to: string): string => `die Uhr geht von ${from} auf ${to}: diese Zeit fällt aus`,
		twice: (from: string, to: string): string =>
			`die Uhr geht von ${to} auf ${from} zurück: diese Zeit kommt zweimal`,
		weekCaption: "Zeiten dieser Woche nach Tagen",
		date: "Datum",
		note: "Anmerkung",
		addHolidays: "Feiertage hinzufügen",
		holidaysTitle: "Feiertage",
		holidaysAbout:
			"An einem Feiertag gelten die Stunden des Wochentags nicht, außer ein Zeitplan sagt es für seine Art. Acht Arten sind möglich.",
		noHolidays: "Es gibt noch keine Feiertage.",
		holidaysCaption: "Feiertage nach Art",
		kind: "Art",
		days: "Tage",
		dayCount: (n: number): string => count(n, { one: "# Eintrag", other: "# Einträge" }),
		kindTitle: (kind: string): string => `Feiertage: ${kind}`,
		firstDay: "Erster Tag",
		length: "Anzahl der Tage",
		everyYear: "Jedes Jahr",
		year: "Jahr",
		addDay: "Tag oder Tage hinzufügen",
		entry: (n: number): string => `Eintrag ${n}`,
		upTo: (day: string): string => `bis ${day}`,
		badDay: "Wählen Sie für jeden Eintrag einen Tag.",
	},
});

/** A weekday in the language, 0 for Monday; a kind of holidays by its name. */
export function dayName(day: number | string, style: "long" | "short" = "long"): string {
	if (typeof day === "string") return style === "long" ? scheduleWords().holidays(day) : day;
	// The first Monday of 1970 was its fifth day.
	return new Intl.DateTimeFormat(locale.value, { weekday: style, timeZone: "UTC" }).format(
		(4 + day) * 86_400_000,
	);
}

/** A day since 1970, as "Sunday, 28 March 2027". */
export function dateName(day: number): string {
	return new Intl.DateTimeFormat(locale.value, {
		...{ weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" },
	}).format(day * 86_400_000);
}
