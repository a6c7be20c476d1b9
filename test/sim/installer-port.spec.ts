// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { firstInfo } from "../../cli/reader.js";
import type { SerialOptions } from "../../hal/contracts/io.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { encodeValue } from "../../protocol/cbor/value.js";
import { encodeFrame, KIND } from "../../protocol/provisioning/frame.js";
import type { ReaderInfo } from "../../protocol/provisioning/messages.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { World } from "../../sim/world.js";
import type { ClientError } from "../../site/lib/provisioning/errors.js";
import { BOOT_LOGS, heardAt } from "../support/boot-logs.js";

const crypto = new NodeCrypto();

function reader(): { world: World; installer: Installer } {
	const world = new World({ crypto, factory: true });
	return { world, installer: new Installer(world, crypto) };
}

/** What comes of `firstInfo` while simulated time passes; `at` runs at its second. */
async function greeted(
	world: World,
	installer: Installer,
	at: Readonly<Record<number, () => void>> = {},
): Promise<{ info?: ReaderInfo; error?: ClientError; said: string[] }> {
	const said: string[] = [];
	const result: { info?: ReaderInfo; error?: ClientError } = {};
	firstInfo(installer.client, (text) => said.push(text)).then(
		(info) => {
			result.info = info;
		},
		(error) => {
			result.error = error;
		},
	);
	for (let second = 0; second < 20 && result.info === undefined && result.error === undefined; second++) {
		at[second]?.();
		world.time.run(1000);
		// The promise's callbacks.
		await new Promise(setImmediate);
	}
	return { ...result, said };
}

describe("the installer's port while a reader starts", () => {
	it("half a frame that the start left of another, then a request: answered before any silence", () => {
		const { world, installer } = reader();
		world.powerOn();
		world.time.run(500);
		const whole = encodeFrame({
			version: 1,
			kind: KIND.request,
			client: new Uint8Array(8).fill(9),
			number: 7,
			payload: encodeValue(["apply", { configuration: { id: "FRONT", name: "A".repeat(200) } }]),
		});
		world.console.send(whole.subarray(0, 150));
		const asked = world.time.now();
		assert.equal(installer.ask("info").firmware, "0.1.0");
		// The half frame, the request and the reply take 25 ms on the line.
		assert.isAtMost(world.time.now() - asked, 100);
	});

	for (const [name, log] of Object.entries(BOOT_LOGS))
		it(`${name}, said at three rates in the middle of a reply: the next request has its reply`, () => {
			for (const rate of [74_880, 115_200, 460_800]) {
				const { world, installer } = reader();
				world.powerOn();
				world.time.run(500);
				const { onHost } = world.console;
				let once = true;
				world.console.onHost = (bytes, ...rest) => {
					if (once) onHost?.(bytes.subarray(0, bytes.length - 3), ...rest);
					else onHost?.(bytes, ...rest);
					if (once) onHost?.(heardAt(log, rate, 115_200), ...rest);
					once = false;
				};
				const asked = world.time.now();
				assert.equal(installer.ask("info").firmware, "0.1.0");
				// One repetition.
				assert.isAtMost(world.time.now() - asked, 1000);
			}
		});

	it("a port that never reports what has come is read all the same", () => {
		const { world, installer } = reader();
		const { Serial } = world.console;
		const value = class extends Serial {
			constructor({ onReadable: _, ...options }: SerialOptions) {
				super(options);
			}
		};
		Object.defineProperty(world.console, "Serial", { value });
		world.powerOn();
		for (let n = 0; n < 3; n++) {
			const asked = world.time.now();
			assert.equal(installer.ask("info").firmware, "0.1.0");
			assert.isAtMost(world.time.now() - asked, 1100);
		}
	});

	it("lintel asks again where nothing answers at first, and says so", async () => {
		const { world, installer } = reader();
		const { info, said } = await greeted(world, installer, { 9: () => world.powerOn() });
		assert.equal(info?.firmware, "0.1.0");
		assert.match(said.join(), /^nothing answers yet[^,]*asks again$/);
	});

	it("lintel gives up after 12 s", async () => {
		const { world, installer } = reader();
		const began = world.time.now();
		const { error, said } = await greeted(world, installer);
		assert.equal(error?.reason, "no-answer");
		assert.lengthOf(said, 1);
		assert.approximately(world.time.now() - began, 12_000, 1000);
	});

	it("a reader that answers is asked once", async () => {
		const { world, installer } = reader();
		world.powerOn();
		const { info, said } = await greeted(world, installer);
		assert.isDefined(info);
		assert.isEmpty(said);
	});
});
