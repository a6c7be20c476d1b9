// SPDX-License-Identifier: Apache-2.0

import { count, words } from "../words.js";

/** Users in and out as files of a spreadsheet. */
export const fileWords = words({
	en: {
		title: "Import and export",
		exportTitle: "Export",
		exportText: "All users as a file for a spreadsheet. It has names and addresses: keep it safe.",
		download: "Download users.csv",
		importTitle: "Import",
		importText:
			"A file that a spreadsheet has saved as CSV. Its first line names the columns; only the name is needed. You see what it changes before anything does.",
		columns: "Columns",
		columnsText:
			"A line with an id, or else with the e-mail address of a user, changes that user; any other adds one. A column that the file lacks stays as it is. Nobody is removed, and no credential is taken.",
		column: "Column",
		means: "Means",
		meanings: {
			id: "The user's, as an export has it",
			name: "Needed",
			email: "For invitations",
			phone: "With the country's number, for invitations by SMS",
			access_plans: "Names of access plans, with semicolons between",
			from: "First day, as 2030-05-01; with a time as 2030-05-01T08:00",
			until: "Last day, likewise",
			paused: "yes or no",
			credentials: "Ids of credentials to add, 16 hexadecimal digits each, with semicolons between",
		},
		file: "File",
		look: "Look at it",
		noFile: "Choose a file first.",
		notText: "This file is no text. Save it as CSV (UTF-8).",
		preview: "What it would change",
		sums: (added: number, changed: number, same: number): string =>
			`${count(added, { one: "# user is added", other: "# users are added" })}, ${count(changed, { one: "# is changed", other: "# are changed" })}, ${count(same, { one: "# stays as it is", other: "# stay as they are" })}.`,
		ignored: (columns: string): string => `Nothing is taken of the columns ${columns}.`,
		wrong: (n: number): string =>
			count(n, {
				one: "# line cannot be taken, so nothing is. Mend it in the file and choose it again.",
				other: "# lines cannot be taken, so nothing is. Mend them in the file and choose it again.",
			}),
		apply: "Import",
		applied: (added: number, changed: number): string =>
			`${count(added, { one: "# user is added", other: "# users are added" })}, ${count(changed, { one: "# is changed", other: "# are changed" })}.`,
		line: "Line",
		why: "What is wrong",
		whats: { add: "New", change: "Changed", same: "The same" },
		what: "Becomes",
		name: "Name",
		plans: "Access plans",
		first: (n: number): string => `The first ${n} are shown.`,
		reasons: {
			"bad-csv": "This is no CSV file: a quotation mark stands alone, or a cell is too long.",
			"no-names": "The first line has to name the columns, one of them “name”.",
			"too-many-lines": "The file has too many lines. Split it: 20,000 at once.",
			"too-large": "The file is too large. Split it.",
			"changed-meanwhile": "Users have changed meanwhile. Look at the file again.",
		} as Readonly<Record<string, string>>,
		lineReasons: {
			"no-name": "The name is missing.",
			"too-long": "The name is too long.",
			"unknown-id": "There is no user with this id.",
			ambiguous: "Several users have this e-mail address. Give the id.",
			twice: "Another line is the same user.",
			"bad-email": "This is no e-mail address.",
			"bad-phone": "This is no phone number.",
			"unknown-plan": "There is no access plan of this name.",
			"bad-date": "This is no date. Write 2030-05-01.",
			"bad-paused": "Write yes or no.",
			"bad-credential": "This is no credential's id.",
			"taken-credential": "This credential is another user's.",
			"bad-plan": "The plan does not allow it:",
		} as Readonly<Record<string, string>>,
	},
	de: {
		title: "Import und Export",
		exportTitle: "Export",
		exportText:
			"Alle Benutzer als Datei für eine Tabellenkalkulation. Sie enthält Namen und Adressen: Bewahren Sie sie sicher auf.",
		download: "users.csv herunterladen",
		importTitle: "Import",
		importText:
			"Eine Datei, die eine Tabellenkalkulation als CSV gespeichert hat. Die erste Zeile nennt die Spalten; nur der Name ist nötig. Sie sehen, was sich ändert, bevor es geschieht.",
		columns: "Spalten",
		columnsText:
			"Eine Zeile mit einer id, sonst mit der E-Mail-Adresse eines Benutzers, ändert diesen; jede andere fügt einen hinzu. Eine Spalte, die fehlt, bleibt, wie sie ist. Niemand wird entfernt, und keine Berechtigung wird genommen.",
		column: "Spalte",
		means: "Bedeutung",
		meanings: {
			id: "Die des Benutzers, wie ein Export sie hat",
			name: "Nötig",
			email: "Für Einladungen",
			phone: "Mit der Vorwahl des Landes, für Einladungen per SMS",
			access_plans: "Namen von Zutrittsplänen, mit Strichpunkten dazwischen",
			from: "Erster Tag, etwa 2030-05-01; mit Uhrzeit 2030-05-01T08:00",
			until: "Letzter Tag, ebenso",
			paused: "ja oder nein",
			credentials: "Ids neuer Berechtigungen, je 16 hexadezimale Ziffern, mit Strichpunkten dazwischen",
		},
		file: "Datei",
		look: "Ansehen",
		noFile: "Wählen Sie zuerst eine Datei.",
		notText: "Diese Datei ist kein Text. Speichern Sie sie als CSV (UTF-8).",
		preview: "Was sich ändern würde",
		sums: (added: number, changed: number, same: number): string =>
			`${count(added, { one: "# Benutzer kommt hinzu", other: "# Benutzer kommen hinzu" })}, ${count(changed, { one: "# ändert sich", other: "# ändern sich" })}, ${count(same, { one: "# bleibt, wie er ist", other: "# bleiben, wie sie sind" })}.`,
		ignored: (columns: string): string => `Aus den Spalten ${columns} wird nichts genommen.`,
		wrong: (n: number): string =>
			count(n, {
				one: "# Zeile kann nicht übernommen werden, darum auch sonst nichts. Bessern Sie sie in der Datei aus und wählen Sie diese noch einmal.",
				other:
					"# Zeilen können nicht übernommen werden, darum auch sonst nichts. Bessern Sie sie in der Datei aus und wählen Sie diese noch einmal.",
			}),
		apply: "Importieren",
		applied: (added: number, changed: number): string =>
			`${count(added, { one: "# Benutzer ist hinzugekommen", other: "# Benutzer sind hinzugekommen" })}, ${count(changed, { one: "# wurde geändert", other: "# wurden geändert" })}.`,
		line: "Zeile",
		why: "Was nicht stimmt",
		whats: { add: "Neu", change: "Geändert", same: "Gleich" },
		what: "Wird",
		name: "Name",
		plans: "Zutrittspläne",
		first: (n: number): string => `Gezeigt werden die ersten ${n}.`,
		reasons: {
			"bad-csv": "Das ist keine CSV-Datei: Ein Anführungszeichen steht allein, oder eine Zelle ist zu lang.",
			"no-names": "Die erste Zeile muss die Spalten nennen, eine davon „name“.",
			"too-many-lines": "Die Datei hat zu viele Zeilen. Teilen Sie sie: 20.000 auf einmal.",
			"too-large": "Die Datei ist zu groß. Teilen Sie sie.",
			"changed-meanwhile": "Die Benutzer haben sich inzwischen geändert. Sehen Sie die Datei noch einmal an.",
		} as Readonly<Record<string, string>>,
		lineReasons: {
			"no-name": "Der Name fehlt.",
			"too-long": "Der Name ist zu lang.",
			"unknown-id": "Es gibt keinen Benutzer mit dieser id.",
			ambiguous: "Mehrere Benutzer haben diese E-Mail-Adresse. Geben Sie die id an.",
			twice: "Eine andere Zeile ist derselbe Benutzer.",
			"bad-email": "Das ist keine E-Mail-Adresse.",
			"bad-phone": "Das ist keine Telefonnummer.",
			"unknown-plan": "Es gibt keinen Zutrittsplan dieses Namens.",
			"bad-date": "Das ist kein Datum. Schreiben Sie 2030-05-01.",
			"bad-paused": "Schreiben Sie ja oder nein.",
			"bad-credential": "Das ist keine id einer Berechtigung.",
			"taken-credential": "Diese Berechtigung gehört einem anderen Benutzer.",
			"bad-plan": "Der Plan lässt es nicht zu:",
		} as Readonly<Record<string, string>>,
	},
});
