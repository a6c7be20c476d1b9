// SPDX-License-Identifier: Apache-2.0

/** A story of a door as a script: a link of docs/simulator.md, which the page offers too. */
export interface Example {
	readonly name: string;
	readonly title: string;
	/** What it is about, in a sentence or two. */
	readonly about: string;
	/** Who is what in it. */
	readonly cast: string;
	readonly script: string;
	/** When its last consequence has been seen, ms. */
	readonly ends: number;
}

/** Monday, 2026-06-01, 07:40 in Vienna. */
const MORNING = Date.UTC(2026, 5, 1, 5, 40) / 1000;

/** One step a line, for those who read it here. */
function script(head: string, ...steps: readonly string[]): string {
	return `${head}&do=${steps.join("~")}`;
}

export const EXAMPLES: readonly Example[] = Object.freeze([
	{
		name: "installer",
		title: "An installer's visit",
		about:
			"A reader is mounted whose contact is wired wrongly, with its housing still open. The reader says what it finds, and the site hears of it; when the wires are right the door is tried in every way.",
		cast: "The valid phone is the installer's, an ordinary card and an unknown phone are what is tried against it.",
		script: script(
			"seed=11",
			"0.power.off",
			"500.contact.tamper",
			"1000.wiring.contact-cut",
			"1500.power.on",
			"12000.wiring.whole",
			"14000.contact.tamper.off",
			"16000.tap",
			"16600.pull",
			"18500.shut",
			"21000.tap.stranger",
			"24000.card",
			"27000.exit",
			"27500.pull",
			"29000.shut",
			"31000.command.identify.3",
		),
		ends: 36_000,
	},
	{
		name: "school-day",
		title: "A school day",
		about:
			"The entrance is unlocked in office hours, but not before the caretaker has come: until then a pupil opens it for one entry. Before and after these hours a pupil does not come in, in the evening the door locks by itself, and on a holiday it stays locked.",
		cast: "The valid phone is the caretaker's, the unknown one becomes a pupil's when the office adds it.",
		script: script(
			`seed=12&starts=${MORNING}`,
			"0.right.valid.firstPerson.yes",
			"500.mode.unlocked-after-first.office",
			"1000.add.stranger.office",
			"3000.tap.stranger",
			"6000.calendar.2026-06-01T08%3A00",
			"9000.tap.stranger",
			"9600.pull",
			"11500.shut",
			"20000.tap",
			"23000.pull",
			"25000.shut",
			"30000.calendar.2026-06-01T18%3A00",
			"33000.pull",
			"34000.tap.stranger",
			"38000.holiday.tomorrow",
			"40000.calendar.2026-06-02T09%3A00",
			"43000.tap",
			"46000.tap.stranger",
		),
		ends: 52_000,
	},
	{
		name: "break-in",
		title: "A break-in",
		about:
			"Someone tries cards and a found phone at the door, cuts the network, opens the housing and takes a crowbar to the leaf. Each of it is in the log, which the site gets as soon as the network is back; then the site locks the door down.",
		cast: "The revoked phone is the one that was lost, the valid one is a tenant's.",
		script: script(
			"seed=13",
			"0.pull",
			"1000.card",
			"3000.card.bank",
			"5000.tap.revoked",
			"8000.tap.foreign",
			"11000.wifi.away",
			"13000.contact.tamper",
			"15000.power.off",
			"17000.power.on",
			"22000.force",
			"30000.shut",
			"32000.contact.tamper.off",
			"34000.wifi.back",
			"100000.lockdown.300",
			"104000.tap",
			"107000.exit",
			"107500.pull",
			"109000.shut",
			"111000.release",
			"115000.tap",
		),
		ends: 122_000,
	},
]);
