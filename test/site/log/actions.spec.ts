// SPDX-License-Identifier: Apache-2.0

/** The export of a server's audit, checked without the server. */
import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { decodeRecord } from "../../../protocol/log/record.js";
import {
	actionLine,
	actionRecord,
	firstLink,
	isActions,
	verifyActions,
} from "../../../site/lib/log/actions.js";

const crypto = new NodeCrypto();

describe("an exported audit", () => {
	/** Each line by its serial. */
	const chain = (count: number): string[] => {
		let link = firstLink(crypto);
		return Array.from({ length: count }, (_, i) => {
			const at = 1_900_000_000 + i;
			const body = JSON.stringify({ at, by: "t1", what: `act-${i}`, to: "é", details: {} });
			const record = actionRecord(i + 1, at, body, link, crypto);
			link = decodeRecord(record).link;
			return actionLine({ record, body });
		});
	};
	const check = (lines: readonly string[]): string[] =>
		verifyActions(lines.join(""), crypto).problems.map(({ from, reason, to }) => `${reason} ${from}-${to}`);
	const put = (lines: readonly string[], at: number, ...some: string[]): string[] => [
		...lines.slice(0, at),
		...some,
		...lines.slice(at + 1),
	];
	const changed = (line: string, change: (value: Record<string, string>) => object): string =>
		`${JSON.stringify(change(JSON.parse(line)))}\n`;

	it("holds whole", () => {
		const lines = chain(20);
		assert.isTrue(isActions(lines.join("")));
		const report = verifyActions(lines.join(""), crypto);
		assert.deepInclude(report, { intact: true, first: 1, last: 20, records: 20 });
		assert.equal(report.link, JSON.parse(lines[19]!).record.slice(48));
	});

	it("shows what was changed, taken out, put in or moved", () => {
		const lines = chain(8);
		const other = changed(lines[3]!, ({ body, ...rest }) => ({
			...rest,
			body: body!.replace("act-3", "act-9"),
		}));
		assert.deepEqual(check(put(lines, 3, other)), ["bad-record 4-4"], "another text");
		const time = changed(lines[3]!, ({ body, ...rest }) => ({
			...rest,
			body: body!.replace("0003", "0004"),
		}));
		assert.deepEqual(check(put(lines, 3, time)), ["bad-record 4-4"], "another time in the text");
		for (const at of [10, 17, 18, 22, 33, 60]) {
			const flipped = changed(lines[3]!, ({ record, ...rest }) => ({
				...rest,
				record: record!.slice(0, at) + (record![at] === "0" ? "1" : "0") + record!.slice(at + 1),
			}));
			assert.isNotEmpty(check(put(lines, 3, flipped)), `digit ${at}`);
		}
		assert.deepEqual(check(put(lines, 3)), ["missing 4-4"]);
		assert.deepEqual(check(put(put(lines, 3), 3)), ["missing 4-5"]);
		assert.include(check(put(put(lines, 3, lines[4]!), 4, lines[3]!)).join(), "bad-record");
		assert.include(check(put(lines, 3, lines[3]!, lines[3]!)).join(), "bad-record 4-4");
		assert.include(check(put(lines, 3, "nonsense\n", lines[3]!)).join(), "bad-record 4-4");
		// A chain that was made anew from somewhere on does not follow what is before it.
		const forged = chain(9).map((line) => line.replaceAll("t1", "t2"));
		assert.include(check([...lines.slice(0, 4), ...forged.slice(4, 8)]).join(), "bad-record 5-5");
	});

	it("may begin later by the link that it follows, and not without", () => {
		const lines = chain(8);
		const before = JSON.parse(lines[2]!).record.slice(48) as string;
		const first = changed(lines[3]!, (line) => ({ ...line, before }));
		assert.deepEqual(check([first, ...lines.slice(4)]), []);
		assert.deepEqual(check(lines.slice(3)), ["missing 1-3"]);
		const wrong = changed(lines[3]!, (line) => ({ ...line, before: "00".repeat(8) }));
		assert.deepEqual(check([wrong, ...lines.slice(4)]), ["bad-record 4-4"]);
	});

	it("is compared with what was kept: another history, or an end that was cut off", () => {
		const lines = chain(8);
		const kept = { serial: 8, link: decodeRecord(Buffer.from(JSON.parse(lines[7]!).record, "hex")).link };
		const reasons = (some: readonly string[]): string[] =>
			verifyActions(some.join(""), crypto, kept).problems.map(({ reason }) => reason);
		assert.deepEqual(reasons(lines), []);
		assert.deepEqual(reasons(lines.slice(0, 7)), ["behind-site"]);
		const other = chain(7);
		const body = JSON.stringify({ at: 1_900_000_007, by: "t2", what: "x", details: {} });
		const { link } = decodeRecord(Buffer.from(JSON.parse(other[6]!).record, "hex"));
		other.push(actionLine({ record: actionRecord(8, 1_900_000_007, body, link, crypto), body }));
		assert.deepEqual(check(other), [], "whole by itself");
		assert.deepEqual(reasons(other), ["differs-from-site"]);
	});

	it("that is none is none: hostile lines are bad, and no line ends the check", () => {
		for (const line of [
			...["{}", "null", "[]", '{"action":1}', '{"action":1,"record":"00","body":"{}"}'],
			`{"action":1,"record":"${"0".repeat(64)}","body":"{}"}`,
			`{"action":1,"record":"00000001${"0".repeat(56)}","body":"null"}`,
			`{"action":1,"record":"00000001${"0".repeat(56)}","body":"{\\"at\\":0}","before":5}`,
			`{"action":1,"record":"00000001${"0".repeat(56)}","body":"{\\"at\\":1e400}"}`,
		])
			assert.deepEqual(check([`${line}\n`]), ["bad-record 1-1"], line);
	});
});
