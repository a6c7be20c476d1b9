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
		title: "What is known of this person",
		giveOut: "Give out all that is known",
		forget: "Remove and forget who it was",
		forgetTitle: (name: string) => `Remove ${name} and forget the name?`,
		forgetText:
			"Doors open no more, and name and addresses are erased at once. What happened at the doors stays, of somebody unnamed. Neither comes back.",
		isForgotten: "The person is removed and forgotten.",
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
		title: "Was von dieser Person bekannt ist",
		giveOut: "Alles Bekannte herausgeben",
		forget: "Entfernen und vergessen",
		forgetTitle: (name: string) => `${name} entfernen und den Namen vergessen?`,
		forgetText:
			"Türen öffnen nicht mehr, Name und Adressen werden sofort gelöscht. Was an den Türen geschah, bleibt, von jemand Ungenanntem. Beides kommt nicht wieder.",
		isForgotten: "Die Person ist entfernt und vergessen.",
		person: "Was von einer Person bekannt ist, steht auf ihrer Seite: es lässt sich herausgeben und löschen.",
	},
});
