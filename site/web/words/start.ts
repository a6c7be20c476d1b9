// SPDX-License-Identifier: Apache-2.0

import { count, words } from "../words.js";

/** The overview: what needs attention. */
export const startWords = words({
	en: {
		attention: "What needs attention",
		nothing: "Nothing needs attention.",
		unreachable: (n: number): string =>
			count(n, { one: "# door is not reached", other: "# doors are not reached" }),
		unreachableText: "They open by the plan that they have. What has changed since waits for them.",
		waiting: (n: number): string =>
			count(n, {
				one: "# door has not taken the newest changes yet",
				other: "# doors have not taken the newest changes yet",
			}),
		alarms: (n: number, more: boolean): string =>
			`${more ? "More than " : ""}${count(n, { one: "# alarm is open", other: "# alarms are open" })}`,
		bounced: (n: number, more: boolean): string =>
			`${more ? "More than " : ""}${count(n, { one: "# invitation was not delivered", other: "# invitations were not delivered" })}`,
		look: "Look",
		keyEnds: "The server's key ends",
		doors: "Doors",
		has: "as they have to be",
		toDo: "Quickly done",
		addUser: "Add a user",
		findUser: "Find a user",
		problems: {
			"no-broker": "The server reaches no door: its broker is gone.",
			"clock-behind": "The server's clock is behind. Set it.",
			"no-key": "The server has no good key: doors hear it no more. See Keys.",
			"key-ends-soon": "The server's key ends soon. Make the next one. See Keys.",
			restored: "The server was restored from a backup and sends no plan until an owner confirms it.",
			"notices-lost": "Doors know of revocations that the backup lacks. Revoke them again, then confirm.",
		} as Readonly<Record<string, string>>,
	},
	de: {
		attention: "Was zu tun ist",
		nothing: "Es ist nichts zu tun.",
		unreachable: (n: number): string =>
			count(n, { one: "# Tür ist nicht erreichbar", other: "# Türen sind nicht erreichbar" }),
		unreachableText:
			"Sie öffnen nach dem Plan, den sie haben. Was sich seither geändert hat, wartet auf sie.",
		waiting: (n: number): string =>
			count(n, {
				one: "# Tür hat die neuesten Änderungen noch nicht",
				other: "# Türen haben die neuesten Änderungen noch nicht",
			}),
		alarms: (n: number, more: boolean): string =>
			`${more ? "Mehr als " : ""}${count(n, { one: "# Alarm ist offen", other: "# Alarme sind offen" })}`,
		bounced: (n: number, more: boolean): string =>
			`${more ? "Mehr als " : ""}${count(n, { one: "# Einladung wurde nicht zugestellt", other: "# Einladungen wurden nicht zugestellt" })}`,
		look: "Ansehen",
		keyEnds: "Der Schlüssel des Servers endet",
		doors: "Türen",
		has: "wie sie sein sollen",
		toDo: "Schnell getan",
		addUser: "Einen Benutzer hinzufügen",
		findUser: "Einen Benutzer suchen",
		problems: {
			"no-broker": "Der Server erreicht keine Tür: Sein Broker ist weg.",
			"clock-behind": "Die Uhr des Servers geht nach. Stellen Sie sie.",
			"no-key": "Der Server hat keinen gültigen Schlüssel: Türen hören nicht mehr auf ihn. Siehe Schlüssel.",
			"key-ends-soon": "Der Schlüssel des Servers endet bald. Machen Sie den nächsten. Siehe Schlüssel.",
			restored:
				"Der Server wurde aus einer Sicherung wiederhergestellt und schickt keinen Plan, bis ein Eigentümer ihn bestätigt.",
			"notices-lost":
				"Türen kennen Widerrufe, die der Sicherung fehlen. Widerrufen Sie noch einmal und bestätigen Sie dann.",
		} as Readonly<Record<string, string>>,
	},
});
