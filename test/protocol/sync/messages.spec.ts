// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { concat, fromHex, toHex } from "../../../protocol/bytes.js";
import { CborError } from "../../../protocol/cbor/reader.js";
import { MAX_CONTENT, MAX_FRAME, MAX_PIECE, MAX_WHOLE } from "../../../protocol/sync/bounds.js";
import {
	clearFrame,
	decodeMessage,
	encodeMessage,
	MESSAGES,
	type Message,
	type MessageName,
	readClear,
} from "../../../protocol/sync/messages.js";
import { clientOf, topicDown, topicRevoked, topicTrust, topicUp } from "../../../protocol/sync/topics.js";

const MAX = 0xffff_ffff;
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(0xa5);

/** Each message with its greatest fields. */
const GREATEST: readonly Message[] = [
	{ name: "ack", id: MAX, of: MAX, refusal: "a".repeat(32) },
	{
		...{
			name: "hello",
			id: MAX,
			trust: MAX,
			listHash: bytes(8),
			epoch: MAX,
			version: MAX,
			notice: MAX,
			lockdown: MAX,
		},
		...{ log: MAX, acknowledged: MAX, link: bytes(8), image: MAX, clock: MAX },
	},
	{ name: "want", id: MAX, version: MAX },
	{ name: "clock", id: MAX, nonce: bytes(8) },
	{ name: "pull", id: MAX, hash: bytes(32), at: MAX },
	{ name: "log", id: MAX, first: MAX, records: bytes(24 * 32) },
	{ name: "checkpoint", id: MAX, first: MAX, checkpoint: bytes(160) },
	{ name: "alarm", id: MAX, record: bytes(32) },
	{
		...{ name: "health", id: MAX, uptime: MAX, cause: MAX, free: MAX, signal: MAX, failing: MAX },
		clockError: MAX,
	},
	{ name: "outcome", id: MAX, hash: bytes(32), refusal: "a".repeat(32) },
	{ name: "list", id: MAX, version: MAX, size: MAX, at: MAX, piece: bytes(MAX_PIECE) },
	{ name: "time", id: MAX, nonce: bytes(8), seconds: MAX },
	{ name: "delta", id: MAX, envelope: bytes(MAX_WHOLE) },
	{ name: "offer", id: MAX, hash: bytes(32), size: MAX },
	{ name: "piece", id: MAX, hash: bytes(32), size: MAX, at: MAX, piece: bytes(MAX_PIECE) },
	{ name: "logged", id: MAX, serial: MAX, link: bytes(8) },
	{ name: "notice", id: MAX, envelope: bytes(MAX_WHOLE) },
	{ name: "lockdown", id: MAX, envelope: bytes(MAX_WHOLE) },
	{ name: "command", id: MAX, what: "a".repeat(32), for: MAX, until: MAX, by: bytes(8) },
	{
		...{ name: "settings", id: MAX, sounds: MAX, spread: MAX, ssid: "é".repeat(32) },
		password: "a".repeat(64),
	},
	{ name: "configuration", id: MAX, envelope: bytes(MAX_WHOLE) },
];

const endOf = (name: MessageName): "reader" | "site" => (MESSAGES[name].number < 32 ? "reader" : "site");

function reasonOf(run: () => unknown): string {
	try {
		run();
	} catch (error) {
		if (error instanceof CborError) return error.reason;
		throw error;
	}
	return "none";
}

describe("sync messages", () => {
	it("each comes back as it was said, fits a record, and none has the number of another", () => {
		assert.sameMembers(
			GREATEST.map(({ name }) => name),
			Object.keys(MESSAGES),
		);
		for (const message of GREATEST) {
			const encoded = encodeMessage(message);
			assert.isAtMost(encoded.length, MAX_CONTENT, message.name);
			assert.deepEqual(decodeMessage(encoded, endOf(message.name)), message);
		}
		const numbers = Object.values(MESSAGES).map(({ number }) => number);
		assert.equal(new Set<number>(numbers).size, numbers.length);
	});

	it("bytes by hand: an array of number, id and fields", () => {
		const clock = fromHex("83030c480102030405060708");
		const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
		assert.deepEqual(decodeMessage(clock, "reader"), { name: "clock", id: 12, nonce });
		assert.equal(toHex(encodeMessage({ name: "clock", id: 12, nonce })), toHex(clock));
		const done = { name: "ack", id: 1, of: 5, refusal: null } as const;
		assert.equal(toHex(encodeMessage(done)), "84000105f6");
		for (const from of ["reader", "site"] as const)
			assert.deepEqual(decodeMessage(fromHex("84000105f6"), from), done);
		const refused = { name: "ack", id: 2, of: 5, refusal: "not-newer" } as const;
		assert.deepEqual(decodeMessage(fromHex("84000205696e6f742d6e65776572"), "site"), refused);
	});

	it("what the other end says, or a newer version, is unknown and keeps its id; its form is checked", () => {
		for (const message of GREATEST.filter(({ name }) => name !== "ack")) {
			const wrong = endOf(message.name) === "reader" ? "site" : "reader";
			assert.deepEqual(decodeMessage(encodeMessage(message), wrong), { name: "unknown", id: MAX });
		}
		assert.deepEqual(decodeMessage(fromHex("83181f0781a10102"), "reader"), { name: "unknown", id: 7 });
		assert.deepEqual(decodeMessage(fromHex("82183f07"), "site"), { name: "unknown", id: 7 });
		assert.equal(
			reasonOf(() => decodeMessage(fromHex("82183f0700"), "site")),
			"trailing-bytes",
		);
		assert.equal(
			reasonOf(() => decodeMessage(fromHex("83182b0781818100"), "site")),
			"too-deep",
		);
	});

	it("a field too few or too many, of another type or out of its bounds is refused", () => {
		const bad: readonly (readonly [hex: string, from: "reader" | "site", reason: string])[] = [
			["80", "reader", "out-of-range"],
			["8103", "reader", "out-of-range"],
			["820301", "reader", "out-of-range"],
			[`83030048${"00".repeat(8)}`, "reader", "out-of-range"],
			[`83030147${"00".repeat(7)}`, "reader", "out-of-range"],
			[`83030149${"00".repeat(9)}`, "reader", "out-of-range"],
			[`84030148${"00".repeat(8)}00`, "reader", "out-of-range"],
			[`83030168${"61".repeat(8)}`, "reader", "unexpected-type"],
			["830201f6", "reader", "unexpected-type"],
			["830220" + "01", "reader", "unexpected-type"],
			["8302011b0000000100000000", "reader", "out-of-range"],
			["830220", "reader", "truncated"],
			["830201", "reader", "truncated"],
			["83020101ff", "reader", "trailing-bytes"],
			["9f020101ff", "reader", "indefinite-length"],
			["8318020101", "reader", "not-shortest"],
			["a1020101", "reader", "unexpected-type"],
			["84000105" + "60", "reader", "out-of-range"],
			["84000105" + "6141", "reader", "out-of-range"],
			[`840001057821${"61".repeat(33)}`, "reader", "out-of-range"],
			[`840501015821${"00".repeat(33)}`, "reader", "out-of-range"],
			["84050101" + "40", "reader", "out-of-range"],
			[`84050101590320${"00".repeat(800)}`, "reader", "out-of-range"],
			["8318220140", "site", "out-of-range"],
			[`831822015903c1${"00".repeat(961)}`, "site", "out-of-range"],
			[`831822015903e8${"00".repeat(1000)}`, "site", "too-long"],
		];
		for (const [hex, from, reason] of bad)
			assert.equal(
				reasonOf(() => decodeMessage(fromHex(hex), from)),
				reason,
				hex.slice(0, 24),
			);
	});

	it("nothing out of bounds is written", () => {
		const bad: readonly Message[] = [
			{ name: "want", id: 0, version: 1 },
			{ name: "want", id: 1, version: -1 },
			{ name: "want", id: 1, version: MAX + 1 },
			{ name: "want", id: 1, version: 0.5 },
			{ name: "clock", id: 1, nonce: bytes(7) },
			{ name: "ack", id: 1, of: 1, refusal: "" },
			{ name: "ack", id: 1, of: 1, refusal: "Not newer" },
			{ name: "log", id: 1, first: 1, records: bytes(33) },
			{ name: "delta", id: 1, envelope: bytes(MAX_WHOLE + 1) },
			{ name: "piece", id: 1, hash: bytes(31), size: 1, at: 0, piece: bytes(1) },
		];
		for (const message of bad)
			assert.throws(() => encodeMessage(message), RangeError, undefined, message.name);
	});

	it("in the clear go a trust list and the wish for one, and nothing else", () => {
		for (const message of GREATEST) {
			const frame = concat(Uint8Array.of(7), encodeMessage(message));
			const clear = message.name === "list" || message.name === "want";
			assert.deepEqual(readClear(frame, endOf(message.name)), clear ? message : undefined, message.name);
			if (message.name === "list" || message.name === "want") {
				assert.deepEqual(clearFrame(message), frame);
				assert.isAtMost(frame.length, MAX_FRAME);
				assert.isUndefined(
					readClear(frame, message.name === "list" ? "reader" : "site"),
					"from its other end",
				);
				assert.isUndefined(readClear(frame.subarray(0, -1), endOf(message.name)));
				assert.isUndefined(readClear(encodeMessage(message), endOf(message.name)));
			}
		}
		assert.isUndefined(readClear(new Uint8Array(0), "site"));
	});

	it("topics keep a site's name in one level, and no two sites have one", () => {
		assert.equal(topicUp("harbour1", "door-007"), "l1/harbour1/door-007/u");
		assert.equal(topicDown("harbour1", "door-007"), "l1/harbour1/door-007/d");
		assert.equal(topicTrust("a/+#$%"), "l1/a%2F%2B%23%24%25/trust");
		assert.equal(clientOf("a/b", "door"), "a%2Fb/door");
		const names = ["a", "a/b", "a%2Fb", "A", "+", "#", "~", "%7E", "a.b", "a_b"];
		assert.equal(new Set(names.map(topicRevoked)).size, names.length);
		for (const name of names) assert.match(topicRevoked(name), /^l1\/[A-Za-z0-9._%-]+\/revoked$/);
	});
});
