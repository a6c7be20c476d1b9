// SPDX-License-Identifier: Apache-2.0

/** What phones and cards do at the reader. */
import { PHONE_KINDS, type PhoneKind } from "../../people.js";
import type { Act, Parameter } from "../act.js";

const who: Parameter = { name: "who", title: "Phone", choices: PHONE_KINDS, default: "valid" };

export const CARDS = ["transport", "bank"] as const;
export const WAYS = ["nfc", "ble", "qr"] as const;
/** How far a phone may be over Bluetooth, cm. */
export const DISTANCE = { min: 5, max: 1500 } as const;

export const PHONE_ACTS: readonly Act[] = [
	{
		name: "tap",
		group: "phone",
		title: "Hold a phone to the reader",
		parameters: [who, { name: "by", title: "By", choices: WAYS, default: "nfc" }],
		keys: [
			{ key: "1", title: "tap the valid phone" },
			{ key: "2", title: "tap the revoked one", values: { who: "revoked" } },
			{ key: "3", title: "tap the expired one", values: { who: "expired" } },
			{ key: "4", title: "tap one of another site", values: { who: "foreign" } },
			{ key: "5", title: "tap an unknown one", values: { who: "stranger" } },
			{ key: "7", title: "the valid phone by Bluetooth", values: { by: "ble" } },
			{ key: "8", title: "the valid phone shows its code", values: { by: "qr" } },
		],
		perform: ({ visitors }, values) => {
			const kind = values.who as PhoneKind;
			if (values.by === "nfc") return visitors.tap(kind);
			return values.by === "ble" ? visitors.pass(kind) : visitors.showCode(kind);
		},
	},
	{
		name: "card",
		group: "phone",
		title: "Hold an ordinary card to the reader",
		parameters: [{ name: "kind", title: "Card", choices: CARDS, default: "transport" }],
		keys: [{ key: "6", title: "tap an ordinary card" }],
		perform: ({ visitors }, { kind }) => visitors.card(kind as (typeof CARDS)[number]),
	},
	{
		name: "stack",
		group: "phone",
		title: "Hold two phones to the reader at once",
		parameters: [who, { ...who, name: "other", title: "Other phone", default: "stranger" }],
		keys: [{ key: "9", title: "tap two phones at once" }],
		perform: ({ visitors }, values) => visitors.stack(values.who as PhoneKind, values.other as PhoneKind),
	},
	{
		name: "near",
		group: "phone",
		title: "Bring a phone within Bluetooth's reach",
		parameters: [
			who,
			{ name: "distance", title: "Distance", ...DISTANCE, unit: "cm", default: 100 },
			{ name: "user", title: "Its user", choices: ["walks", "taps"], default: "walks" },
		],
		perform: ({ visitors }, values) =>
			visitors.near(values.who as PhoneKind, values.distance as number, values.user === "taps"),
	},
	{
		name: "away",
		group: "phone",
		title: "Take that phone away",
		parameters: [who],
		perform: ({ visitors }, values) => visitors.away(values.who as PhoneKind),
	},
];
