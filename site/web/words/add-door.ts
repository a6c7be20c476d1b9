// SPDX-License-Identifier: Apache-2.0

import { words } from "../words.js";

/** A reader at the cable is made a door. */
export const addDoorWords = words({
	en: {
		name: "Name of the door",
		nameHint: "As people know it, such as Main entrance",
		id: "Short name of the door",
		idHint: "1 to 8 letters or digits; it stays as it is",
		kind: "How the door is locked",
		kinds: {
			strike: "Electric strike, locked without power, with a door contact",
			magnet: "Magnet or other lock that is open without power, with a fire input",
			blind: "Electric strike, without a door contact",
		},
		wifi: "Wi-Fi for the reader",
		ssid: "Name of the network",
		ssidHint: "Leave it empty where the reader gets its network later, by lintel wifi join",
		password: "Password of the network",
		keys: "Key file (site-key.json)",
		keysHint: "You saved it when you made the site. It stays in this browser.",
		eraseLog: "Erase the log that this reader still has of another site",
		add: "Choose the reader and set it up",
		isAdded: (name: string): string => `${name} is a door of the site.`,
		steps: {
			hello: "Looking at the reader …",
			clock: "Setting its clock …",
			keys: "The reader makes its keys, and the site signs them …",
			register: "Making it known to the server …",
			restart: "The reader starts again …",
			wifi: "The reader joins the network …",
		},
		noSerial:
			"This browser reaches no USB cable: Chrome, Edge and others built on Chromium do. You can use one of them, or set the reader up by the command line:",
		saveFile: "Save the door's file",
		lookAgain: "It is set up: look again",
		command:
			"With the files in one folder, and a token of an administrator in LINTEL_TOKEN, give this command there:",
		reasons: {
			"bad-door": "The short name of the door has 1 to 8 letters, digits, dots, hyphens or underscores.",
			"no-answer": "The reader does not answer. Is this the right port, and has it power?",
			"port-closed": "The cable was unplugged. Plug it in and try again: it goes on where it was.",
			NetworkError: "The port cannot be opened. Close other programs that use it, then try again.",
			InvalidStateError: "The port is open already. Close other pages that use it, then try again.",
			"old-log": "This reader still has the log of another site. Say below that it may be erased.",
			"other-site": "This reader belongs to another site. Reset it by its button first.",
			"wrong-door": "This reader is another door of your site already.",
			"other-reader": "This door has another reader. Remove that door first, or take another short name.",
			"not-joined":
				"The reader is set up, but could not join the network. Check its name and password, then try again.",
			"wrong-role": "The key file has no key that may set up readers. Choose site-key.json.",
			"key-ended": "The key of this file has ended. Make another by lintel site key.",
			"key-stolen": "The key of this file was revoked. Choose another file.",
			"not-json": "That is no key file. Choose site-key.json.",
			"bad-key": "That is no key file. Choose site-key.json.",
			"older-reader": "The firmware of this reader is too old. Update it first.",
			"newer-reader": "The firmware of this reader is newer than the server. Update the server first.",
		} as Readonly<Record<string, string>>,
	},
	de: {
		name: "Name der Tür",
		nameHint: "So, wie man sie kennt, etwa Haupteingang",
		id: "Kurzname der Tür",
		idHint: "1 bis 8 Buchstaben oder Ziffern; er bleibt, wie er ist",
		kind: "Wie die Tür verriegelt ist",
		kinds: {
			strike: "Elektrischer Türöffner, ohne Strom verriegelt, mit Türkontakt",
			magnet: "Magnet oder anderes Schloss, das ohne Strom offen ist, mit Brandeingang",
			blind: "Elektrischer Türöffner, ohne Türkontakt",
		},
		wifi: "WLAN für den Leser",
		ssid: "Name des Netzes",
		ssidHint: "Leer lassen, wenn der Leser sein Netz später mit lintel wifi join bekommt",
		password: "Passwort des Netzes",
		keys: "Schlüsseldatei (site-key.json)",
		keysHint: "Sie haben sie gespeichert, als Sie die Anlage erzeugt haben. Sie bleibt in diesem Browser.",
		eraseLog: "Das Protokoll einer anderen Anlage, das dieser Leser noch hat, löschen",
		add: "Leser wählen und einrichten",
		isAdded: (name: string): string => `${name} ist eine Tür der Anlage.`,
		steps: {
			hello: "Der Leser wird gefragt …",
			clock: "Seine Uhr wird gestellt …",
			keys: "Der Leser erzeugt seine Schlüssel, die Anlage unterschreibt sie …",
			register: "Er wird dem Server bekannt gemacht …",
			restart: "Der Leser startet neu …",
			wifi: "Der Leser verbindet sich mit dem Netz …",
		},
		noSerial:
			"Dieser Browser erreicht kein USB-Kabel: Chrome, Edge und andere auf Chromium gebaute können es. Nehmen Sie einen davon, oder richten Sie den Leser mit der Befehlszeile ein:",
		saveFile: "Datei der Tür speichern",
		lookAgain: "Er ist eingerichtet: nachsehen",
		command:
			"Geben Sie in einem Ordner mit den Dateien, mit dem Token eines Administrators in LINTEL_TOKEN, diesen Befehl:",
		reasons: {
			"bad-door": "Der Kurzname der Tür hat 1 bis 8 Buchstaben, Ziffern, Punkte, Binde- oder Unterstriche.",
			"no-answer": "Der Leser antwortet nicht. Ist es der richtige Anschluss, und hat er Strom?",
			"port-closed":
				"Das Kabel wurde gezogen. Stecken Sie es an und versuchen Sie es noch einmal: Es geht weiter, wo es war.",
			NetworkError:
				"Der Anschluss lässt sich nicht öffnen. Schließen Sie andere Programme, die ihn benutzen.",
			InvalidStateError: "Der Anschluss ist schon offen. Schließen Sie andere Seiten, die ihn benutzen.",
			"old-log":
				"Dieser Leser hat noch das Protokoll einer anderen Anlage. Erlauben Sie unten, es zu löschen.",
			"other-site":
				"Dieser Leser gehört einer anderen Anlage. Setzen Sie ihn zuerst mit seiner Taste zurück.",
			"wrong-door": "Dieser Leser ist schon eine andere Tür Ihrer Anlage.",
			"other-reader":
				"Diese Tür hat einen anderen Leser. Entfernen Sie zuerst jene Tür, oder nehmen Sie einen anderen Kurznamen.",
			"not-joined":
				"Der Leser ist eingerichtet, konnte sich aber nicht mit dem Netz verbinden. Prüfen Sie Namen und Passwort, dann versuchen Sie es noch einmal.",
			"wrong-role":
				"Die Schlüsseldatei hat keinen Schlüssel, der Leser einrichten darf. Wählen Sie site-key.json.",
			"key-ended":
				"Der Schlüssel dieser Datei ist abgelaufen. Erzeugen Sie einen anderen mit lintel site key.",
			"key-stolen": "Der Schlüssel dieser Datei wurde widerrufen. Wählen Sie eine andere Datei.",
			"not-json": "Das ist keine Schlüsseldatei. Wählen Sie site-key.json.",
			"bad-key": "Das ist keine Schlüsseldatei. Wählen Sie site-key.json.",
			"older-reader": "Die Firmware dieses Lesers ist zu alt. Aktualisieren Sie sie zuerst.",
			"newer-reader":
				"Die Firmware dieses Lesers ist neuer als der Server. Aktualisieren Sie zuerst den Server.",
		} as Readonly<Record<string, string>>,
	},
});
