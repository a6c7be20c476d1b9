// SPDX-License-Identifier: Apache-2.0

import { words } from "../words.js";

/** The first run: from a server without a site to the first invitation. */
export const firstRunWords = words({
	en: {
		steps: "Steps of the first run",
		names: {
			site: "Name",
			root: "Root key",
			owner: "Your sign-in",
			zone: "Time zone",
			door: "First door",
			person: "First user",
		},
		isDone: "done",
		next: "Next",
		later: "Do this later",
		noLink: "Open the link that the server has printed",
		noLinkText:
			"This server has no site yet. Where it was started, it has printed a link that begins with this address and ends with a secret. Open that link: it shows that the server is yours.",
		siteTitle: "Name your site",
		siteText:
			"A site is all the doors that you look after together, such as those of a school. People see its name when they are invited.",
		siteName: "Name of the site",
		siteNameHint: "As people know it, such as Riverside School",
		short: "Short name",
		shortHint: "1 to 8 letters or digits. Doors know the site by it; it stays as it is.",
		rootTitle: "Make the root key",
		rootText:
			"The root key says who may do what at your doors. It makes the keys of this server, and ends them if the server is stolen. You need it some times a year.",
		rootHere:
			"It is made in this browser and kept in files that you save now. The server never gets it, so nobody can take it from there.",
		passphrase: "Passphrase of the root key",
		passphraseHint: "Five words or more that you do not use elsewhere. It opens the root key's file.",
		passphraseAgain: "The same passphrase once more",
		makeRoot: "Make the root key",
		keepTitle: "Keep the root key safe",
		keepText: "Save these three files. You cannot get them again after this page.",
		files: {
			root: "the root key. Only your passphrase opens it. Keep it on a USB stick, away from this computer.",
			backup: "its backup, for the day when the passphrase is forgotten. Only the code below opens it.",
			keys: "the keys with which you set up door readers. Keep them like a key of the house.",
		},
		save: (name: string): string => `Save ${name}`,
		saved: "Saved",
		codeTitle: "Write down the recovery code",
		codeText: "Write this code on paper. It opens the backup and is shown only now.",
		apart: "Keep the paper in another place than the backup: both together are the root key.",
		codeEnd: "The last five characters of the code, from your paper",
		codeEndHint: "So that you are sure that it is written down",
		makeSite: "Make the site",
		zoneTitle: "Where is the site?",
		zoneText: "Doors go by the local time: schedules, holidays and daylight saving follow this time zone.",
		zone: "Time zone",
		doorTitle: "Set up the first door",
		doorText:
			"Connect a door reader to this computer by its USB cable. It gets keys of its own, which the site signs: from then on phones and the server know it as this door.",
		personTitle: "Invite the first user",
		personText:
			"Begin with yourself. A user gets a link, opens it on the phone, and opens doors with that phone from then on.",
		personName: "Name of the user",
		personEmail: "E-mail (optional)",
		personEmailHint: "This time you get a link to hand over.",
		invite: "Add and invite",
		plan: "Always, all doors",
		doneTitle: "Your site is ready",
		doneText: "What comes next is in the menu.",
		doneNext: [
			"Move the saved files off this computer.",
			"Say under Access plans which doors open for whom, and when.",
			"Renew the server's key under Keys before it ends, in 90 days: the page reminds you.",
			"Give the server an address with HTTPS, so that phones elsewhere can accept invitations.",
		],
		toSite: "To the site",
		reasons: {
			"no-link": "This link has ended. Open the link that the server has printed last.",
			"short-passphrase": "The passphrase is too short: take five words or more.",
			"long-passphrase": "The passphrase is too long.",
			unlike: "The two passphrases are not the same.",
			unsaved: "Save all three files first.",
			mistyped: "These are not the last five characters of the code. Compare them with your paper.",
			"bad-short": "The short name has 1 to 8 letters or digits, without spaces.",
			clock:
				"This computer's clock and the server's are more than a day apart. Set them, then load this page again.",
			"other-key": "The server has another key now. Load this page again.",
			"made-already": "The site is made already. Start the server again, and open the link that it prints.",
		} as Readonly<Record<string, string>>,
	},
	de: {
		steps: "Schritte der Einrichtung",
		names: {
			site: "Name",
			root: "Wurzelschlüssel",
			owner: "Ihre Anmeldung",
			zone: "Zeitzone",
			door: "Erste Tür",
			person: "Erster Benutzer",
		},
		isDone: "erledigt",
		next: "Weiter",
		later: "Später erledigen",
		noLink: "Öffnen Sie den Link, den der Server ausgegeben hat",
		noLinkText:
			"Dieser Server hat noch keine Anlage. Dort, wo er gestartet wurde, hat er einen Link ausgegeben, der mit dieser Adresse beginnt und mit einem Geheimnis endet. Öffnen Sie diesen Link: Er zeigt, dass der Server Ihnen gehört.",
		siteTitle: "Geben Sie der Anlage einen Namen",
		siteText:
			"Eine Anlage sind alle Türen, die Sie gemeinsam verwalten, etwa die einer Schule. Eingeladene Personen sehen diesen Namen.",
		siteName: "Name der Anlage",
		siteNameHint: "So, wie man sie kennt, etwa Schule am Fluss",
		short: "Kurzname",
		shortHint: "1 bis 8 Buchstaben oder Ziffern. Daran erkennen Türen die Anlage; er bleibt, wie er ist.",
		rootTitle: "Wurzelschlüssel erzeugen",
		rootText:
			"Der Wurzelschlüssel bestimmt, wer an Ihren Türen was darf. Er erzeugt die Schlüssel dieses Servers und beendet sie, falls der Server gestohlen wird. Sie brauchen ihn einige Male im Jahr.",
		rootHere:
			"Er entsteht in diesem Browser und bleibt in Dateien, die Sie jetzt speichern. Der Server bekommt ihn nie; also kann ihn dort auch niemand stehlen.",
		passphrase: "Passphrase des Wurzelschlüssels",
		passphraseHint:
			"Fünf Wörter oder mehr, die Sie sonst nirgends verwenden. Sie öffnet die Datei des Wurzelschlüssels.",
		passphraseAgain: "Dieselbe Passphrase noch einmal",
		makeRoot: "Wurzelschlüssel erzeugen",
		keepTitle: "Bewahren Sie den Wurzelschlüssel sicher auf",
		keepText: "Speichern Sie diese drei Dateien. Nach dieser Seite bekommen Sie sie nicht mehr.",
		files: {
			root: "der Wurzelschlüssel. Nur Ihre Passphrase öffnet ihn. Bewahren Sie ihn auf einem USB-Stick auf, nicht auf diesem Computer.",
			backup: "seine Sicherung, falls die Passphrase vergessen wird. Nur der Code unten öffnet sie.",
			keys: "die Schlüssel, mit denen Sie Leser an Türen einrichten. Bewahren Sie sie auf wie einen Hausschlüssel.",
		},
		save: (name: string): string => `${name} speichern`,
		saved: "Gespeichert",
		codeTitle: "Schreiben Sie den Wiederherstellungscode auf",
		codeText: "Schreiben Sie diesen Code auf Papier. Er öffnet die Sicherung und wird nur jetzt angezeigt.",
		apart:
			"Bewahren Sie das Papier an einem anderen Ort auf als die Sicherung: Beide zusammen sind der Wurzelschlüssel.",
		codeEnd: "Die letzten fünf Zeichen des Codes, von Ihrem Papier",
		codeEndHint: "Damit sicher ist, dass er aufgeschrieben ist",
		makeSite: "Anlage erzeugen",
		zoneTitle: "Wo ist die Anlage?",
		zoneText:
			"Türen richten sich nach der Ortszeit: Zeitpläne, Feiertage und Sommerzeit folgen dieser Zeitzone.",
		zone: "Zeitzone",
		doorTitle: "Erste Tür einrichten",
		doorText:
			"Verbinden Sie einen Leser über sein USB-Kabel mit diesem Computer. Er bekommt eigene Schlüssel, die von der Anlage unterschrieben werden: Von da an kennen ihn Telefone und der Server als diese Tür.",
		personTitle: "Ersten Benutzer einladen",
		personText:
			"Beginnen Sie mit sich selbst. Ein Benutzer bekommt einen Link, öffnet ihn auf dem Telefon und öffnet von da an Türen mit diesem Telefon.",
		personName: "Name des Benutzers",
		personEmail: "E-Mail (freiwillig)",
		personEmailHint: "Diesmal bekommen Sie einen Link zum Übergeben.",
		invite: "Anlegen und einladen",
		plan: "Immer, alle Türen",
		doneTitle: "Ihre Anlage ist bereit",
		doneText: "Wie es weitergeht, steht im Menü.",
		doneNext: [
			"Nehmen Sie die gespeicherten Dateien von diesem Computer.",
			"Legen Sie unter Zutrittspläne fest, welche Türen sich für wen und wann öffnen.",
			"Erneuern Sie unter Schlüssel den Schlüssel des Servers, bevor er in 90 Tagen endet: Die Seite erinnert Sie daran.",
			"Geben Sie dem Server eine Adresse mit HTTPS, damit Telefone anderswo Einladungen annehmen können.",
		],
		toSite: "Zur Anlage",
		reasons: {
			"no-link": "Dieser Link gilt nicht mehr. Öffnen Sie den Link, den der Server zuletzt ausgegeben hat.",
			"short-passphrase": "Die Passphrase ist zu kurz: Nehmen Sie fünf Wörter oder mehr.",
			"long-passphrase": "Die Passphrase ist zu lang.",
			unlike: "Die beiden Passphrasen sind nicht gleich.",
			unsaved: "Speichern Sie zuerst alle drei Dateien.",
			mistyped: "Das sind nicht die letzten fünf Zeichen des Codes. Vergleichen Sie mit Ihrem Papier.",
			"bad-short": "Der Kurzname hat 1 bis 8 Buchstaben oder Ziffern, ohne Leerzeichen.",
			clock:
				"Die Uhren dieses Computers und des Servers gehen mehr als einen Tag auseinander. Stellen Sie sie, dann laden Sie diese Seite neu.",
			"other-key": "Der Server hat jetzt einen anderen Schlüssel. Laden Sie diese Seite neu.",
			"made-already":
				"Die Anlage ist schon erzeugt. Starten Sie den Server neu und öffnen Sie den Link, den er ausgibt.",
		} as Readonly<Record<string, string>>,
	},
});
