import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { checkConfig } from "../../protocol/config/document.js";
import { EDDSA } from "../../protocol/credential/cose.js";
import { SeededRandom } from "../../sim/random.js";
import { World } from "../../sim/world.js";
import { startDevice } from "../../src/app/device.js";
import { RESET_HOLD_MS } from "../../src/app/reset-button.js";
import { ConfigStore } from "../../src/config/store.js";

describe("reset button of a whole device", () => {
	const crypto = new NodeCrypto();

	function commissioned(): { world: World; open: () => ConfigStore } {
		const world = new World({ seed: 1, crypto, factory: true });
		const open = (): ConfigStore => {
			const store = new ConfigStore(world.flash.config, crypto, new SeededRandom(1));
			store.open();
			return store;
		};
		const store = open();
		store.makeKeys();
		const checked = checkConfig({ id: "FRONT" });
		if ("problems" in checked) throw new Error("the configuration is not valid");
		const key = { algorithm: EDDSA, publicKey: new Uint8Array(32).fill(7) } as const;
		const credentials = [Uint8Array.of(1)];
		store.join({ trust: { site: "ACME", keys: [key] }, door: "FRONT", credentials }, checked.config);
		return { world, open };
	}

	/** Starts it with the button held for `hold` ms; how often it asked to be started again. */
	function start(world: World, hold: number): number {
		let restarts = 0;
		world.board.chip.setPower(true);
		const began = world.time.now();
		const io = class {
			read = (): number => (world.time.now() - began < hold ? 0 : 1);
			write(): void {}
			close(): void {}
		};
		startDevice({
			...world.platform("power-on"),
			resetButton: { io },
			restart: () => {
				restarts++;
			},
		});
		world.time.run(RESET_HOLD_MS + 1000);
		world.powerOff();
		return restarts;
	}

	it("makes a reader new, a damaged one too, and only when it is held long enough", () => {
		const { world, open } = commissioned();
		assert.equal(start(world, RESET_HOLD_MS - 500), 0);
		assert.equal(open().membership?.door, "FRONT");
		for (const half of [0, world.flash.config.size / 2]) world.flash.config.bytes[half + 40]! ^= 1;
		assert.isTrue(open().damaged);
		assert.equal(start(world, 0), 0);
		assert.isTrue(open().damaged, "a start alone mends nothing");
		assert.equal(start(world, RESET_HOLD_MS + 500), 1);
		assert.isFalse(open().damaged);
		assert.isUndefined(open().membership);
		assert.isUndefined(open().keys);
	});
});
