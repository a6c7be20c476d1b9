import { assert } from "chai";
import { type CutKind, Power, PowerCut, SimFlash } from "../../../sim/flash.js";
import { SeededRandom } from "../../../sim/random.js";
import { toHex } from "../../../src/bytes.js";
import { checkConfig, type ReaderConfig } from "../../../src/config/document.js";
import { ConfigStore } from "../../../src/config/store.js";
import { providers } from "../../support/providers.js";

function config(strikeTime: number): ReaderConfig {
	const checked = checkConfig({ id: "FRONT", door: { strikeTime } });
	if ("problems" in checked) throw new Error(JSON.stringify(checked.problems));
	return checked.config;
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

	it("is the old or the new one, whole, wherever the power is cut", () => {
		let cuts = 0;
		for (const kind of ["dropped", "torn", "partial", "garbage", "done"] as CutKind[]) {
			for (let at = 0; at < 4; at++) {
				for (const byte of kind === "torn" ? [0, 1, 15, 16, 17, 100, 4095] : [0]) {
					for (let seed = 1; seed <= (kind === "partial" || kind === "garbage" ? 5 : 1); seed++) {
						const power = new Power();
						const flash = new SimFlash({ size: 16 * 1024, power });
						const store = new ConfigStore(flash, crypto, new SeededRandom(seed));
						store.open();
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
						const again = new ConfigStore(flash, crypto, new SeededRandom(seed));
						again.open();
						const time = again.config?.door.strikeTime;
						if (cut) assert.include([5, 9], time, `${kind} at ${at}, ${byte}, ${seed}`);
						else assert.equal(time, 9);
						again.setConfig(config(11));
						assert.equal(again.config?.door.strikeTime, 11);
					}
				}
			}
		}
		assert.isAbove(cuts, 30);
	});

	it("survives rot of the newest copy by falling back to the one before", () => {
		const flash = new SimFlash({ size: 16 * 1024 });
		const store = new ConfigStore(flash, crypto, new SeededRandom(1));
		store.open();
		store.setConfig(config(5));
		store.setConfig(config(9));
		flash.bytes[8192 + 40]! ^= 1;
		const again = new ConfigStore(flash, crypto, new SeededRandom(1));
		again.open();
		assert.equal(again.config?.door.strikeTime, 5);
	});

	it("makes its keys once, and a reset leaves no byte of them in flash, also over a power cut", () => {
		for (let at = 0; at < 6; at++) {
			const power = new Power();
			const flash = new SimFlash({ size: 16 * 1024, power });
			const store = new ConfigStore(flash, crypto, new SeededRandom(3));
			store.open();
			const [key] = store.makeKeys();
			store.setConfig(config(5));
			assert.equal(toHex(store.makeKeys()[0]!.publicKey), toHex(key!.publicKey));
			const seed = toHex(key!.secretKey.subarray(0, 32));
			assert.include(toHex(flash.bytes), seed);
			power.restore();
			power.plan({ at, kind: "dropped" });
			try {
				store.reset();
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
			}
			power.restore();
			const again = new ConfigStore(flash, crypto, new SeededRandom(4));
			again.open();
			if (again.keys === undefined) assert.notInclude(toHex(flash.bytes), seed, `cut ${at}`);
			else assert.equal(toHex(again.keys[0]!.publicKey), toHex(key!.publicKey));
		}
	});
});
