// SPDX-License-Identifier: Apache-2.0

/** What a site signs for its readers, but for credentials: plans and their changes (docs/plan.md), notices (docs/formats/notice.md). */

import {
	ACCESS_MASK,
	ACCESS_OTHER_DOOR,
	ACCESS_REVOKED,
	EPOCH,
	FLAG,
	ID,
	NO_END,
	PERIOD,
	RECORD,
} from "../../../protocol/plan/format.js";
import { itemOf } from "./cbor.js";
import { sign1 } from "./cose.js";
import type { Decoder, Fields } from "./fields.js";
import { moment } from "./moment.js";

const PLAN = "plan.md";
const NOTICE = "formats/notice.md";

const text = (bytes: Uint8Array): string =>
	String.fromCharCode(...bytes.filter((byte) => byte >= 0x20 && byte < 0x7f));

/** Payloads by the first three letters of their magic; the fourth byte is the format's version. */
const PAYLOADS: Readonly<Record<string, Decoder>> = {
	LPS: state,
	LPD: delta,
	LNR: (fields) => notice(fields, (rest) => list(rest, rest.left / ID, ID, "revokes", NOTICE)),
	LNL: (fields) =>
		notice(fields, (rest) => {
			rest.number(4, "lasts", NOTICE, (seconds) => `${seconds} s`);
			while (rest.left > 0) rest.take(8, "door", NOTICE, text);
		}),
};

/** Any object that a key of the site signed. */
export const SIGNED: Decoder = itemOf(
	sign1("signed", (fields) => {
		const decoder = PAYLOADS[text(fields.remaining.subarray(0, 3))];
		if (decoder === undefined) fields.rest("content");
		else decoder(fields);
	}),
);

function state(fields: Fields): void {
	fields.take(4, "magic", PLAN, text);
	fields.take(8, "site", PLAN, text);
	fields.take(8, "door", PLAN, text);
	fields.number(4, "epoch", PLAN);
	fields.number(4, "version", PLAN);
	fields.number(4, "issued", PLAN, moment);
	fields.number(4, "expires", PLAN, (seconds) => (seconds === 0 ? "never" : moment(seconds)));
	fields.number(4, "records", PLAN);
	fields.number(2, "length of the tables", PLAN);
	fields.take(2, "zero", PLAN);
	fields.take(32, "body's hash", PLAN, "SHA-256");
	fields.number(4, "notices up to", PLAN);
}

function delta(fields: Fields): void {
	state(fields);
	fields.number(4, "base version", PLAN);
	fields.take(8, "base hash", PLAN, "SHA-256, cut");
	const removes = fields.number(2, "how many it removes", PLAN) ?? 0;
	const revokes = fields.number(2, "how many it revokes", PLAN) ?? 0;
	const puts = fields.number(2, "how many it puts", PLAN) ?? 0;
	fields.number(2, "length of new tables", PLAN);
	list(fields, removes, ID, "removes", PLAN);
	list(fields, revokes, ID, "revokes", PLAN);
	list(fields, puts, RECORD, "puts", PLAN, record);
	fields.rest("tables", PLAN);
}

function list(
	fields: Fields,
	count: number,
	size: number,
	name: string,
	clause: string,
	inside?: Decoder,
): void {
	for (let i = 0; i < count && fields.left > 0; i++) fields.take(size, name, clause, undefined, inside);
}

/** One credential in a plan. */
function record(fields: Fields): void {
	fields.take(8, "credential's id", PLAN);
	fields.number(2, "access plan and flags", PLAN, (bits) => {
		const access = bits & ACCESS_MASK;
		const flags = Object.entries(FLAG).filter(([, flag]) => (bits >> 11) & flag);
		const plan = { [ACCESS_REVOKED]: "revoked", [ACCESS_OTHER_DOOR]: "not at this door" }[access];
		return [plan ?? `access plan ${access}`, ...flags.map(([flag]) => flag)].join(", ");
	});
	fields.number(3, "from", PLAN, (periods) => (periods === 0 ? "always" : period(periods)));
	fields.number(3, "until", PLAN, (periods) => (periods === NO_END ? "without end" : period(periods)));
}

function period(periods: number): string {
	return moment(EPOCH + periods * PERIOD);
}

function notice(fields: Fields, rest: Decoder): void {
	fields.take(4, "magic", NOTICE, text);
	fields.take(8, "site", NOTICE, text);
	fields.number(4, "epoch", NOTICE);
	fields.number(4, "sequence", NOTICE);
	fields.number(4, "issued", NOTICE, moment);
	rest(fields);
}
