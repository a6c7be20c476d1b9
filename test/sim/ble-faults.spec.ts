// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { PDU } from "../../sim/ble/att.js";
import type { PhoneProfile } from "../../sim/ble/profile.js";
import { ANDROID, BleBench, IOS } from "../drivers/ble/bench.js";
import { RawCentral, raw } from "../drivers/ble/raw.js";

const PROFILES: readonly PhoneProfile[] = [IOS, ANDROID, { ...IOS, mtu: 23 }];

/** What becomes of one frame: of its PDU, with three bytes of ATT in front. */
const FAULTS = {
	cut: () => [],
	dropped: () => [],
	duplicated: (pdu: Uint8Array) => [pdu, pdu],
	reordered: () => [],
	oversized: (pdu: Uint8Array) => [Uint8Array.of(...pdu.subarray(0, 3), ...new Uint8Array(514).fill(0xaa))],
	longer: (pdu: Uint8Array) => [Uint8Array.of(...pdu, 0)],
	shorter: (pdu: Uint8Array) => [pdu.slice(0, -1)],
	empty: (pdu: Uint8Array) => [pdu.slice(0, 3)],
	"of another's bits": (pdu: Uint8Array) => {
		const wrong = pdu.slice();
		wrong[wrong.length - 1]! ^= 0x80;
		return [wrong];
	},
} as const;

interface Outcome {
	/** The frame that was to be hit was there. */
	readonly hit: boolean;
	/** Hits of message_2 and before leave nothing that could be decided on. */
	readonly decided: number;
	readonly results: number;
	readonly granted: number;
	readonly crashes: readonly string[];
	readonly next: number | undefined;
}

function run(
	profile: PhoneProfile,
	from: "phone" | "reader",
	fault: keyof typeof FAULTS,
	n: number,
): Outcome {
	const bench = new BleBench();
	const { phone, results } = bench.phone(profile);
	let frame = 0;
	let hit = false;
	let kept: Uint8Array | undefined;
	bench.radio.intercept = (by, pdu) => {
		if (by !== from || (pdu[0] !== PDU.writeCommand && pdu[0] !== PDU.notification)) return [pdu];
		if (frame++ !== n) {
			const before = kept;
			kept = undefined;
			return before === undefined ? [pdu] : [pdu, before];
		}
		hit = true;
		if (fault === "cut") phone.disconnect();
		if (fault === "reordered") kept = pdu;
		return FAULTS[fault](pdu);
	};
	phone.connect();
	bench.time.run(4000);
	bench.radio.intercept = undefined;
	const decided = bench.decided.length;
	const next = bench.goodPhone();
	const granted = results.filter(({ kind }) => kind === "decision").length;
	return { hit, decided, results: results.length, granted, crashes: bench.radio.crashes, next };
}

describe("every frame of a transaction, in either direction", () => {
	for (const profile of PROFILES)
		for (const fault of Object.keys(FAULTS) as (keyof typeof FAULTS)[])
			it(`${profile.name}, MTU ${profile.mtu}, ${fault}: never two decisions, never one without a whole transaction, never a stuck link`, () => {
				for (const from of ["phone", "reader"] as const) {
					let n = 0;
					for (; n < 60; n++) {
						const { hit, decided, results, granted, crashes, next } = run(profile, from, fault, n);
						const what = `frame ${n} of the ${from}`;
						assert.isEmpty(crashes, what);
						assert.isAtMost(next ?? Number.POSITIVE_INFINITY, 3000, what);
						if (!hit) {
							assert.equal(decided, 1, "without a fault it is granted");
							assert.equal(granted, 1);
							break;
						}
						assert.isAtMost(results, 1, what);
						// A phone's frame that is doubled at the end comes after the decision: it may stand, once. What the
						// reader has sent after its decision cannot take that back.
						const may = from === "phone" && fault !== "duplicated" ? 0 : 1;
						assert.isAtMost(decided, may, what);
						assert.isAtMost(granted, decided, `${what}: the phone shows what the reader has not decided`);
					}
					assert.isAbove(n, 1, "there were frames to be hit");
				}
			});
});

describe("several phones at once", () => {
	for (const profile of [IOS, ANDROID, { ...IOS, mtu: 23 }])
		for (const connections of [1, 3])
			it(`${profile.name}, MTU ${profile.mtu}, room for ${connections}: of three, one of them silent, the others are served within 3 s each`, () => {
				for (let seed = 1; seed <= 12; seed++) {
					const bench = new BleBench({ seed, connections, loss: seed % 3 === 0 ? 0.1 : 0 });
					const start = bench.time.now();
					raw(bench);
					const a = bench.phone(profile);
					const b = bench.phone(profile);
					a.phone.initiate();
					b.phone.initiate();
					bench.time.run(8000);
					assert.lengthOf(a.results, 1, `seed ${seed}`);
					assert.lengthOf(b.results, 1, `seed ${seed}`);
					assert.lengthOf(bench.decided, 2);
					const [first, second] = bench.decided.map(({ at }) => at - start);
					assert.isAtMost(first!, 3000, `seed ${seed}`);
					assert.isAtMost(second! - first!, 3000, `seed ${seed}`);
					assert.isEmpty(bench.radio.crashes);
				}
			});

	it("connections and disconnections that are told late and in another order: all are served", () => {
		let reordered = 0;
		for (let seed = 1; seed <= 40; seed++) {
			const bench = new BleBench({ seed, connections: 3, disorder: 14 });
			const told: string[] = [];
			const { server } = bench.radio;
			const real: string[] = [];
			server!.onConnection = () => told.push("+");
			const connected = server!.connected.bind(server);
			server!.connected = (link) => {
				real.push("+");
				connected(link);
			};
			const disconnected = server!.disconnected.bind(server);
			server!.disconnected = (link) => {
				real.push("-");
				disconnected(link);
			};
			server!.onDisconnection = () => told.push("-");
			for (let i = 0; i < 3; i++) {
				const rude = new RawCentral(bench.radio, { interval: 15 });
				bench.radio.initiate(rude, 1, (link) => {
					rude.connected(link);
					rude.write(new Uint8Array(0));
				});
			}
			const results = [ANDROID, IOS, ANDROID, IOS].map((profile) => {
				const { phone, results } = bench.phone({ ...profile, interval: 15 }, { persistent: true });
				phone.initiate();
				return results;
			});
			bench.time.run(9000);
			for (const result of results) assert.lengthOf(result, 1, `seed ${seed}`);
			assert.lengthOf(bench.decided, 4);
			assert.isEmpty(bench.radio.crashes);
			if (told.join("") !== real.join("")) reordered++;
		}
		assert.isAbove(reordered, 0, "the order that is told differs from the real one");
	});
});
