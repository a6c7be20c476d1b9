// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { concat, toHex, utf8Encode } from "../../../protocol/bytes.js";
import { type CborMap, decodeValue, encodeValue } from "../../../protocol/cbor/value.js";
import { checkConfig, type ReaderConfig } from "../../../protocol/config/document.js";
import type { ServerSettings } from "../../../protocol/config/server.js";
import type { Crypto } from "../../../protocol/crypto.js";
import { listHash } from "../../../protocol/trust/list.js";
import { type CutKind, Power, PowerCut, SimFlash } from "../../../sim/flash.js";
import { practiceKeys } from "../../../sim/practice-keys.js";
import { SeededRandom } from "../../../sim/random.js";
import { DEVICE_KEY, SimSelf } from "../../../sim/self.js";
import { AtomicRecord, HEADER } from "../../../src/config/record.js";
import { ConfigDamaged, type ConfigStore } from "../../../src/config/store.js";
import { providers } from "../../support/providers.js";

function config(strikeTime: number): ReaderConfig {
	const checked = checkConfig({ id: "FRONT", door: { strikeTime } });
	if ("problems" in checked) throw new Error(JSON.stringify(checked.problems));
	return checked.config;
}

/** Of one half of two sectors: its bytes and then its magic. */
const HALF_OPERATIONS = 4;
/** Of one change: two halves, and the sealed state. */
const OPERATIONS = 2 * HALF_OPERATIONS + 1;
const HALF = 8192;
const selves = new WeakMap<SimFlash, SimSelf>();

function selfOf(flash: SimFlash): SimSelf {
	const self = selves.get(flash) ?? new SimSelf(flash);
	selves.set(flash, self);
	return self;
}

function opened(flash: SimFlash): ConfigStore {
	return selfOf(flash).open(providers[0]!, new SeededRandom(1));
}

function member(store: ConfigStore, server?: ServerSettings): ConfigStore {
	store.makeKeys();
	const { trust } = practiceKeys(
		"ACME",
		providers[0]!.ed25519KeyPair(new Uint8Array(32).fill(7)),
		providers[0]!,
	);
	store.join(
		{ trust, anchor: listHash(trust, providers[0]!), door: "FRONT", credentials: [Uint8Array.of(1)] },
		config(5),
		server,
	);
	return store;
}

describe("configuration", () => {
	const crypto = providers[0]!;

	it("is checked whole: every problem by name, nothing in part", () => {
		const checked = checkConfig({ id: "TOO LONG A NAME", colour: 1, door: { strikeTime: 0, lock: "x" } });
		assert.isTrue("problems" in checked);
		if ("problems" in checked)
			assert.sameMembers(
				checked.problems.map(({ field }) => field),
				["id", "colour", "door.strikeTime", "door.lock"],
			);
	});

	it("of a former version loses the setting that is gone and nothing else", () => {
		const flash = new SimFlash({ size: 2 * HALF });
		const store = member(opened(flash));
		const record = new AtomicRecord(flash, providers[0]!, DEVICE_KEY);
		const bytes = record.load();
		if (typeof bytes === "string") throw new Error(bytes);
		const value = decodeValue(bytes) as { config: { door: object } };
		for (const exitInLockdown of ["allow", "refuse"]) {
			const door = { ...value.config.door, exitInLockdown };
			record.save(
				concat(
					new Uint8Array(HEADER),
					encodeValue({ ...value, config: { ...value.config, door } } as CborMap),
				),
			);
			const again = opened(flash);
			assert.isFalse(again.damaged);
			assert.deepEqual(again.config, store.config);
			assert.equal(again.membership?.door, "FRONT");
			assert.deepEqual(again.dropped, ["exitInLockdown"]);
			again.setConfig(config(9));
			assert.isEmpty(again.dropped);
			assert.isEmpty(opened(flash).dropped);
		}
	});

	it("is the old or the new one, whole, wherever the power is cut", () => {
		let cuts = 0;
		for (const kind of ["dropped", "torn", "partial", "garbage", "done"] as CutKind[]) {
			for (let at = 0; at < OPERATIONS; at++) {
				for (const byte of kind === "torn" ? [0, 1, 3, 4, 15, 16, 17, 100, 4095] : [0]) {
					for (let seed = 1; seed <= (kind === "partial" || kind === "garbage" ? 5 : 1); seed++) {
						const power = new Power();
						const flash = new SimFlash({ size: 16 * 1024, power });
						const store = selfOf(flash).open(crypto, new SeededRandom(seed));
						store.setConfig(config(5));
						power.restore();
						power.plan({ at, kind, byte, seed });
						let cut = false;
						try {
							store.setConfig(config(9));
						} catch (error) {
							if (!(error instanceof PowerCut)) throw error;
							cut = true;
							cuts++;
						}
						power.restore();
						const again = selfOf(flash).open(crypto, new SeededRandom(seed));
						const time = again.config?.door.strikeTime;
						if (cut) assert.include([5, 9], time, `${kind} at ${at}, ${byte}, ${seed}`);
						else assert.equal(time, 9);
						flash.bytes[flash.bytes.length / 2 + 40]! ^= 1;
						const mended = selfOf(flash).open(crypto, new SeededRandom(seed));
						assert.equal(mended.config?.door.strikeTime, time, "the other copy was brought up to it");
						again.setConfig(config(11));
						assert.equal(again.config?.door.strikeTime, 11);
					}
				}
			}
		}
		assert.isAbove(cuts, 30);
	});

	it("starts as new when the very first change is cut, wherever", () => {
		for (const kind of ["dropped", "torn", "partial", "garbage", "done"] as CutKind[])
			for (let at = 0; at < OPERATIONS; at++)
				for (const byte of kind === "torn" ? [1, 3, 4, 8, 16, 40] : [0]) {
					const power = new Power();
					const flash = new SimFlash({ size: 2 * HALF, power });
					const store = opened(flash);
					power.restore();
					power.plan({ at, kind, byte, seed: at });
					assert.throws(() => store.setConfig(config(5)), PowerCut);
					power.restore();
					const again = opened(flash);
					assert.isFalse(again.damaged, `${kind} at ${at}, ${byte}`);
					again.setConfig(config(5));
					assert.isDefined(opened(flash).config);
				}
	});

	it("is the same after rot anywhere in either copy", () => {
		const flash = new SimFlash({ size: 2 * HALF });
		const store = member(opened(flash));
		store.setConfig(config(9));
		const used = HEADER + new DataView(flash.bytes.buffer).getUint32(28);
		const whole = flash.snapshot();
		for (const from of [0, HALF])
			for (let at = 0; at < used; at++) {
				flash.restore(whole);
				flash.bytes[from + at]! ^= 1 << (at & 7);
				const again = opened(flash);
				assert.isFalse(again.damaged);
				assert.equal(again.membership?.door, "FRONT");
				assert.equal(again.config?.door.strikeTime, 9);
				assert.deepEqual(flash.bytes, whole, "mended");
			}
	});

	it("never takes a rotten member for a new reader: damaged, and only a reset changes it", () => {
		const flash = new SimFlash({ size: 2 * HALF });
		member(opened(flash));
		const whole = flash.snapshot();
		const place = fc.record({ at: fc.nat(150), bit: fc.nat(7) });
		fc.assert(
			fc.property(place, place, (a, b) => {
				flash.restore(whole);
				flash.bytes[a.at]! ^= 1 << a.bit;
				flash.bytes[HALF + b.at]! ^= 1 << b.bit;
				const store = opened(flash);
				assert.isTrue(store.damaged);
				assert.throws(() => store.setConfig(config(7)), ConfigDamaged);
				assert.throws(() => store.makeKeys(), ConfigDamaged);
				assert.throws(() => member(store), ConfigDamaged);
				assert.isTrue(opened(flash).damaged);
				store.reset();
				const after = opened(flash);
				assert.isFalse(after.damaged);
				assert.isUndefined(after.membership);
				after.makeKeys();
			}),
			{ numRuns: 60 },
		);
	});

	it("is not brought back to the copy before by rot between the two writes of a change", () => {
		const power = new Power();
		const flash = new SimFlash({ size: 2 * HALF, power });
		const store = opened(flash);
		store.setConfig(config(5));
		power.restore();
		// The sealed state begins to count for the site; then the last operation before the second copy begins to go.
		power.plan({ at: HALF_OPERATIONS, kind: "done" });
		assert.throws(() => member(store), PowerCut);
		power.restore();
		const whole = flash.snapshot();
		const first = toHex(whole.subarray(24, 28)) > toHex(whole.subarray(HALF + 24, HALF + 28)) ? 0 : HALF;
		flash.bytes[first + 60]! ^= 1;
		assert.isTrue(opened(flash).damaged, "not a reader without a site");
		flash.restore(whole);
		assert.equal(opened(flash).membership?.door, "FRONT");
	});

	it("no power cut lets another site's count of plans hold for the one that it joins", () => {
		let joined = 0;
		// The state's cell twice, before the record and after it; the last time nothing is cut.
		for (let at = 0; at <= OPERATIONS + 1; at++) {
			const power = new Power();
			const flash = new SimFlash({ size: 2 * HALF, power });
			const sealed = selfOf(flash).sealed(crypto);
			sealed.belongTo(new Uint8Array(8).fill(9));
			sealed.raisePlan(99, []);
			opened(flash).setConfig(config(5));
			power.restore();
			power.plan({ at, kind: "dropped" });
			try {
				member(opened(flash));
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
			}
			power.restore();
			const { membership } = opened(flash);
			if (membership === undefined) continue;
			joined++;
			assert.equal(selfOf(flash).sealed(crypto).plan, 0, `cut ${at}`);
		}
		assert.isAbove(joined, HALF_OPERATIONS);
	});

	it("is damaged where the sealed state was erased, its site's first record too", () => {
		const flash = new SimFlash({ size: 2 * HALF });
		member(opened(flash));
		assert.deepInclude(opened(flash), { damaged: false, revision: 1 });
		selfOf(flash).state.value = undefined;
		assert.isTrue(opened(flash).damaged);
	});

	it("is damaged where this firmware cannot read it", () => {
		for (const value of [
			{ format: 3 },
			{ format: 2, seeds: [new Uint8Array(31)] },
			{ format: 2, config: {} },
			{ format: 2, server: { host: "broker", port: 0, password: "x", spread: 60 } },
			{ format: 2, server: 7 },
			7,
		]) {
			const flash = new SimFlash({ size: 2 * HALF });
			const record = new AtomicRecord(flash, providers[0]!, DEVICE_KEY);
			record.load();
			record.save(concat(new Uint8Array(HEADER), encodeValue(value)));
			assert.isTrue(opened(flash).damaged, JSON.stringify(value));
		}
	});

	it("has no keys in flash before it has a site: each call draws others, and a start forgets them", () => {
		const flash = new SimFlash({ size: 16 * 1024 });
		const store = selfOf(flash).open(crypto, new SeededRandom(3));
		assert.isUndefined(store.keys);
		const before = store.makeKeys()[0]!;
		const [key] = store.makeKeys();
		assert.notEqual(toHex(key!.publicKey), toHex(before.publicKey));
		store.setConfig(config(5));
		store.setWifi({ ssid: "Building", password: "correct horse" });
		for (const { secretKey } of [before, key!])
			assert.notInclude(flash.bytes.join(), secretKey.slice(0, 32).join());
		assert.equal(store.keys![0], key);
		assert.isUndefined(opened(flash).keys);
	});

	it("works out no P-256 key at a start, but when it is asked for it", () => {
		const flash = new SimFlash({ size: 16 * 1024 });
		const [, key] = member(opened(flash)).keys!;
		let made = 0;
		// Not by assignment: on a device the prototype is frozen.
		const p256KeyPair: Crypto["p256KeyPair"] = (secret) => {
			made++;
			return crypto.p256KeyPair(secret);
		};
		const counting = Object.create(crypto, { p256KeyPair: { value: p256KeyPair } }) as Crypto;
		const [, again] = selfOf(flash).open(counting, new SeededRandom(1)).keys!;
		assert.equal(toHex(again!.secretKey), toHex(key!.secretKey));
		assert.equal(made, 0);
		assert.equal(toHex(again!.publicKey), toHex(crypto.p256KeyPair(key!.secretKey)!.publicKey));
		assert.equal(made, 1);
	});

	it("starts with a site clean: with the keys drawn last, without a network", () => {
		const flash = new SimFlash({ size: 16 * 1024 });
		const store = opened(flash);
		store.makeKeys();
		store.setWifi({ ssid: "Building", password: "correct horse" });
		member(store);
		const [key] = store.keys!;
		const again = opened(flash);
		for (const one of [store, again]) {
			assert.isUndefined(one.wifi);
			assert.equal(toHex(one.makeKeys()[0]!.publicKey), toHex(key!.publicKey), "it keeps them");
		}
		assert.notInclude(flash.bytes.join(), utf8Encode("correct horse").join());
		assert.throws(() => member(again), /already/);
	});

	it("keeps its server over other changes and a start; forgets it as told, and by a reset", () => {
		const flash = new SimFlash({ size: 2 * HALF });
		const store = member(opened(flash));
		assert.isUndefined(store.server, "a record without one");
		assert.isUndefined(opened(flash).server, "and after a start");
		const server = { host: "broker.example", port: 1883, password: "correct horse", spread: 60 };
		assert.isTrue(store.setServer(server));
		const { revision } = store;
		assert.isFalse(store.setServer({ ...server }), "the same costs no write");
		assert.equal(store.revision, revision);
		store.setConfig(config(9));
		assert.deepEqual(opened(flash).server, server);
		store.setServer({ ...server, spread: 0 });
		assert.deepEqual(opened(flash).server, { ...server, spread: 0 });
		store.setServer(undefined);
		assert.isUndefined(opened(flash).server);
		store.setServer(server);
		store.reset();
		assert.isUndefined(store.server);
		assert.isUndefined(opened(flash).server);
		assert.notInclude(flash.bytes.join(), utf8Encode("correct horse").join());
	});

	it("starts with a site clean: with the server that came with it, or with none", () => {
		for (const server of [undefined, { host: "new.example", port: 1883, password: "new", spread: 60 }]) {
			const flash = new SimFlash({ size: 2 * HALF });
			const store = opened(flash);
			store.setServer({ host: "old.example", port: 1883, password: "correct horse", spread: 60 });
			member(store, server);
			assert.deepEqual(store.server, server);
			assert.deepEqual(opened(flash).server, server);
			assert.notInclude(flash.bytes.join(), utf8Encode("correct horse").join());
		}
	});

	it("a reset leaves no byte of its keys in flash, also over a power cut", () => {
		// The last time nothing is cut.
		for (let at = 0; at <= OPERATIONS; at++) {
			const power = new Power();
			const flash = new SimFlash({ size: 16 * 1024, power });
			const store = selfOf(flash).open(crypto, new SeededRandom(3));
			const [key] = member(store).keys!;
			store.setConfig(config(9));
			const seed = key!.secretKey.slice(0, 32).join();
			assert.include(flash.bytes.join(), seed);
			power.restore();
			power.plan({ at, kind: "dropped" });
			let cut = false;
			try {
				store.reset();
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
				cut = true;
			}
			power.restore();
			const again = selfOf(flash).open(crypto, new SeededRandom(4));
			assert.equal(cut, at < OPERATIONS);
			if (at >= HALF_OPERATIONS) assert.isUndefined(again.keys, `cut ${at}`);
			if (again.keys === undefined) assert.notInclude(flash.bytes.join(), seed, `cut ${at}`);
			else assert.equal(toHex(again.keys[0]!.publicKey), toHex(key!.publicKey));
		}
	});
});
