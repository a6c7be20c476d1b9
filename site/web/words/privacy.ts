// SPDX-License-Identifier: Apache-2.0

import { words } from "../words.js";

export const privacyWords = words({
	en: {
		text: "For how long this site keeps what it knows of people. What is older is erased every day; doors' logs and the audit stay provable from the oldest that is left.",
		names: "Names and addresses of people who were removed",
		events: "Events at the doors",
		audit: "What administrators did",
		days: "Days",
		empty: "Empty: for ever",
		save: "Save",
		saved: "Saved; what is older was erased.",
		confirmTitle: "Erase what is older?",
		confirmText: "It is erased at once and does not come back.",
		person: "What is known of one person is on that user's page: it can be given out, and erased.",
	},
	de: {
		text: "Wie lange diese Anlage aufbewahrt, was sie von Menschen weiß. Älteres wird jeden Tag gelöscht; Türprotokolle und das Protokoll der Verwaltung bleiben vom Ältesten an beweisbar, das noch da ist.",
		names: "Namen und Adressen entfernter Personen",
		events: "Ereignisse an den Türen",
		audit: "Was Administratoren getan haben",
		days: "Tage",
		empty: "Leer: für immer",
		save: "Speichern",
		saved: "Gespeichert; Älteres wurde gelöscht.",
		confirmTitle: "Löschen, was älter ist?",
		confirmText: "Es wird sofort gelöscht und kommt nicht wieder.",
		person: "Was von einer Person bekannt ist, steht auf ihrer Seite: es lässt sich herausgeben und löschen.",
	},
});
