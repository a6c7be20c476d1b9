import { assert } from "chai";
import { BlePeripheral, SUBSCRIBE_LIMIT_MS } from "../../../drivers/ble/peripheral.js";
import { UUID_FROM_PHONE, UUID_TO_PHONE } from "../../../drivers/ble/service.js";
import type { GATTConnection, GATTServerOptions } from "../../../hal/contracts.js";
import type { CentralSide, SimLink } from "../../../sim/ble/radio.js";
import { VirtualTime } from "../../../sim/time.js";
import { SILENCE_LIMIT_MS } from "../../../src/link/ble.js";
import { BleBench } from "./bench.js";

function attacker(bench: BleBench): { link: SimLink; gone: () => boolean } {
	let gone = false;
	const side: CentralSide = {
		mtu: 23,
		interval: 15,
		perEvent: 4,
		distance: () => 0.2,
		onNotify: () => undefined,
		onDisconnect: () => {
			gone = true;
		},
	};
	return { link: bench.radio.connect(side)!, gone: () => gone };
}

describe("holding the BLE link", () => {
	it("a message_1 that drips in, one byte a second, does not keep the link", () => {
		const bench = new BleBench();
		const { link, gone } = attacker(bench);
		link.fromPhone(() => bench.radio.characteristic(UUID_TO_PHONE)!.onSubscribe!(link));
		const start = bench.time.now();
		const drip = (n: number): void => {
			if (!link.open) return;
			const frame = n === 0 ? [0x40, 1, 4, 0, 1] : [n & 63, 0];
			link.fromPhone(() =>
				bench.radio.characteristic(UUID_FROM_PHONE)!.onWrite!(Uint8Array.from(frame), link),
			);
			bench.time.after(1_000_000, () => drip(n + 1));
		};
		drip(0);
		bench.time.runUntil(gone, 30_000);
		assert.isTrue(gone(), "dropped");
		assert.isAtMost(bench.time.now() - start, SUBSCRIBE_LIMIT_MS + SILENCE_LIMIT_MS + 100);
		assert.lengthOf(bench.decided, 0);
		assert.isAtMost(bench.goodPhone()!, 3000);
	});

	it("a second connection is closed by the driver, which survives a close that throws", () => {
		const time = new VirtualTime();
		let server: GATTServerOptions | undefined;
		class Server {
			static readonly properties = { read: 1, write: 2, writeWithoutResponse: 4, notify: 8 };
			constructor(options: GATTServerOptions) {
				server = options;
			}
			startAdvertising(): void {}
			stopAdvertising(): void {}
			rssi(): undefined {}
			close(): void {}
		}
		const warnings: string[] = [];
		new BlePeripheral({
			clock: time,
			server: { io: Server },
			version: Uint8Array.of(1, 0),
			onPhone: () => undefined,
			onFrame: () => undefined,
			onGone: () => undefined,
			onState: (state, detail) => {
				if (state === "warning") warnings.push(detail);
			},
		});
		let closed = 0;
		const connection = (throws: boolean): GATTConnection => ({
			maximumWrite: 20,
			notify: () => undefined,
			close: () => {
				closed++;
				if (throws) throw new Error("already gone");
			},
		});
		server!.onConnect(connection(false));
		assert.equal(closed, 0);
		server!.onConnect(connection(false));
		assert.equal(closed, 1);
		assert.doesNotThrow(() => server!.onConnect(connection(true)));
		assert.equal(closed, 2);
		assert.lengthOf(warnings, 1);
	});
});
