// SPDX-License-Identifier: Apache-2.0

import { count, words } from "../words.js";

/** The trust list in words. */
export const keyWords = words({
	en: {
		title: "Keys",
		text: "The site's trust list says which keys doors and phones believe, for what, and until when. The root key signs it; each door has it.",
		renew: "Renew the server's key",
		caption: "Keys of the site",
		fingerprint: "Fingerprint",
		may: "May",
		until: "Until",
		noEnd: "without an end",
		state: "State",
		acts: "Acts",
		revoke: "Revoke",
		states: { good: "good", past: "past its end", ended: "ended", stolen: "revoked as stolen" },
		roles: {
			issue: "issue credentials for phones",
			plan: "sign access plans and revocations",
			commission: "make readers doors of the site",
			release: "sign firmware",
			sync: "speak with doors for the site: it is a server's key",
			install: "work on readers by cable",
		},
		days: (n: number): string =>
			count(n, { one: "each good for # day at most", other: "each good for # days at most" }),
		doors: (names: string): string => `only at ${names}`,
		roots: "Root keys",
		rootsText: "Each can sign the next trust list. They are in no server: compare them with your files.",
		list: "The list",
		version: (version: number, epoch: number): string => `Version ${version}, epoch ${epoch}, signed`,
		readers: (n: number): string => count(n, { one: "# reader is revoked", other: "# readers are revoked" }),
		saveLists: "Save site.json, for installers",
		endsSoon: (days: number): string =>
			count(days, {
				one: "The server's key ends in # day: renew it, or doors hear the server no more.",
				other: "The server's key ends in # days: renew it, or doors hear the server no more.",
			}),
		hasEnded:
			"The server has no good key: doors do not hear it. They open by the plan that they have. Renew the key.",
		renewTitle: "Renew the server's key",
		renewText:
			"The server makes a new key, and the root key lists it for 90 days. The root key is opened in this browser alone, and is not sent. Do this on a computer that you trust, with a server that you trust.",
		revokeTitle: (fingerprint: string): string => `Revoke ${fingerprint}?`,
		revokeText:
			"Each door refuses the key from when it has the new list; doors that the server reaches have it at once.",
		why: "Why",
		whyEnded: "It is not needed any more. What it has signed stays good.",
		whyStolen: "It may be stolen. What it has signed is void: make plans and credentials anew.",
		rootFile: "The root key's file (root-key.json)",
		rootFileHint: "It stays in this browser.",
		passphrase: "Its passphrase",
		cancel: "Cancel",
		isRenewed: "The server has its new key. The list goes to all doors.",
		isRevoked: "The key is revoked. The list goes to all doors.",
		reasons: {
			"no-file": "Choose the root key's file.",
			"wrong-passphrase":
				"This passphrase does not open the file. Look at Caps Lock and the keyboard's layout.",
			"not-root-key": "That is no root key's file. Choose root-key.json.",
			"not-json": "That is no root key's file. Choose root-key.json.",
			"changed-file":
				"The file is damaged. Take a copy of it, or make it anew by its backup: lintel site recover.",
			"newer-file": "The file was written by a newer version. Update the server.",
			"root-not-listed": "That is the root key of another site, or one that this site does not believe.",
			threshold: "The lists of this site are signed by two roots together, which this page cannot do.",
			"too-many-keys": "The list has no room for another key. Revoke one that is not needed first.",
			already: "That key is revoked already.",
			"not-newer": "Another administrator has brought a list meanwhile. Load this page again.",
			"skipped-version": "Another administrator has brought a list meanwhile. Load this page again.",
		} as Readonly<Record<string, string>>,
	},
	de: {
		title: "Schlüssel",
		text: "Die Vertrauensliste der Anlage sagt, welchen Schlüsseln Türen und Telefone glauben, wofür und bis wann. Der Wurzelschlüssel unterschreibt sie; jede Tür hat sie.",
		renew: "Schlüssel des Servers erneuern",
		caption: "Schlüssel der Anlage",
		fingerprint: "Fingerabdruck",
		may: "Darf",
		until: "Bis",
		noEnd: "ohne Ende",
		state: "Zustand",
		acts: "Aktionen",
		revoke: "Widerrufen",
		states: { good: "gut", past: "abgelaufen", ended: "beendet", stolen: "als gestohlen widerrufen" },
		roles: {
			issue: "Berechtigungen für Telefone ausstellen",
			plan: "Zutrittspläne und Widerrufe unterschreiben",
			commission: "Leser zu Türen der Anlage machen",
			release: "Firmware unterschreiben",
			sync: "für die Anlage mit Türen sprechen: Es ist der Schlüssel eines Servers",
			install: "mit dem Kabel an Lesern arbeiten",
		},
		days: (n: number): string =>
			count(n, { one: "jede höchstens # Tag gültig", other: "jede höchstens # Tage gültig" }),
		doors: (names: string): string => `nur an ${names}`,
		roots: "Wurzelschlüssel",
		rootsText:
			"Jeder kann die nächste Vertrauensliste unterschreiben. Sie sind auf keinem Server: Vergleichen Sie sie mit Ihren Dateien.",
		list: "Die Liste",
		version: (version: number, epoch: number): string =>
			`Version ${version}, Epoche ${epoch}, unterschrieben`,
		readers: (n: number): string =>
			count(n, { one: "# Leser ist widerrufen", other: "# Leser sind widerrufen" }),
		saveLists: "site.json für Installateure speichern",
		endsSoon: (days: number): string =>
			count(days, {
				one: "Der Schlüssel des Servers endet in # Tag: Erneuern Sie ihn, sonst hören die Türen den Server nicht mehr.",
				other:
					"Der Schlüssel des Servers endet in # Tagen: Erneuern Sie ihn, sonst hören die Türen den Server nicht mehr.",
			}),
		hasEnded:
			"Der Server hat keinen guten Schlüssel: Türen hören ihn nicht. Sie öffnen nach dem Plan, den sie haben. Erneuern Sie den Schlüssel.",
		renewTitle: "Schlüssel des Servers erneuern",
		renewText:
			"Der Server erzeugt einen neuen Schlüssel, und der Wurzelschlüssel trägt ihn für 90 Tage ein. Der Wurzelschlüssel wird nur in diesem Browser geöffnet und nicht gesendet. Tun Sie das an einem Computer und mit einem Server, denen Sie vertrauen.",
		revokeTitle: (fingerprint: string): string => `${fingerprint} widerrufen?`,
		revokeText:
			"Jede Tür lehnt den Schlüssel ab, sobald sie die neue Liste hat; Türen, die der Server erreicht, haben sie sofort.",
		why: "Warum",
		whyEnded: "Er wird nicht mehr gebraucht. Was er unterschrieben hat, bleibt gültig.",
		whyStolen:
			"Er ist vielleicht gestohlen. Was er unterschrieben hat, ist ungültig: Pläne und Berechtigungen neu ausstellen.",
		rootFile: "Datei des Wurzelschlüssels (root-key.json)",
		rootFileHint: "Sie bleibt in diesem Browser.",
		passphrase: "Ihre Passphrase",
		cancel: "Abbrechen",
		isRenewed: "Der Server hat seinen neuen Schlüssel. Die Liste geht an alle Türen.",
		isRevoked: "Der Schlüssel ist widerrufen. Die Liste geht an alle Türen.",
		reasons: {
			"no-file": "Wählen Sie die Datei des Wurzelschlüssels.",
			"wrong-passphrase":
				"Diese Passphrase öffnet die Datei nicht. Achten Sie auf die Feststelltaste und die Tastaturbelegung.",
			"not-root-key": "Das ist keine Datei eines Wurzelschlüssels. Wählen Sie root-key.json.",
			"not-json": "Das ist keine Datei eines Wurzelschlüssels. Wählen Sie root-key.json.",
			"changed-file":
				"Die Datei ist beschädigt. Nehmen Sie eine Kopie, oder stellen Sie sie aus der Sicherung her: lintel site recover.",
			"newer-file": "Die Datei stammt von einer neueren Version. Aktualisieren Sie den Server.",
			"root-not-listed":
				"Das ist der Wurzelschlüssel einer anderen Anlage, oder einer, dem diese Anlage nicht glaubt.",
			threshold:
				"Die Listen dieser Anlage unterschreiben zwei Wurzelschlüssel zusammen; das kann diese Seite nicht.",
			"too-many-keys":
				"Die Liste hat keinen Platz für einen weiteren Schlüssel. Widerrufen Sie zuerst einen, der nicht gebraucht wird.",
			already: "Dieser Schlüssel ist schon widerrufen.",
			"not-newer": "Inzwischen hat jemand anderer eine Liste gebracht. Laden Sie diese Seite neu.",
			"skipped-version": "Inzwischen hat jemand anderer eine Liste gebracht. Laden Sie diese Seite neu.",
		} as Readonly<Record<string, string>>,
	},
});
