// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { PN532SerialBoard } from "../../sim/pn532/board.js";
import { plugIn } from "../../sim/pty/board.js";
import { SeededRandom } from "../../sim/random.js";
import { RealTime } from "../../sim/realtime.js";
import { VirtualTime } from "../../sim/time.js";
import { World } from "../../sim/world.js";
import { root, skip } from "../support/host.js";
import { Program } from "../support/program.js";
import { needs } from "./installed.js";

function run(script: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
	const path = join(root, "build/sim", script);
	return spawnSync(process.execPath, [path, ...args], { encoding: "utf8", input: "" });
}

describe("the commands of the simulator", () => {
	it("tap: exit 0 granted, 2 denied, 1 for a wrong option with what would be right", () => {
		const granted = run("tap.js", "--json");
		assert.equal(granted.status, 0);
		const result = JSON.parse(granted.stdout) as Record<string, unknown>;
		assert.equal(result.decision, "granted");
		assert.equal(result.exchanges, 3);
		assert.isAtMost(result.bytes as number, 700);
		assert.isAbove(result.relayOnMs as number, 0);
		for (const phone of ["revoked", "expired", "stranger"]) {
			const denied = run("tap.js", "--json", "--phone", phone);
			assert.equal(denied.status, 2);
			assert.isNull((JSON.parse(denied.stdout) as Record<string, unknown>).relayOnMs);
		}
		const wrong = run("tap.js", "--phone", "nobody");
		assert.equal(wrong.status, 1);
		assert.include(wrong.stderr, "valid, revoked, expired");
		assert.include(run("tap.js", "--bus", "usb").stderr, "hsu, spi, i2c");
		assert.equal(run("tap.js", "--seed", "x").status, 1);
		assert.equal(run("tap.js", "--nonsense").status, 1);
	});

	it("start: without a terminal prints one tap and ends with 0", () => {
		const { status, stdout } = run("start.js");
		assert.equal(status, 0);
		for (const words of ["SELECT", "message_1", "message_2", "message_3", "message_4", "relay on", "granted"])
			assert.include(stdout, words);
	});

	it("start --pn532: the same driver on a serial port, here a simulated chip on a pseudo-terminal", async function () {
		needs(this, { socat: "socat" });
		const seed = 9;
		const time = new VirtualTime();
		const board = new PN532SerialBoard(time, new SeededRandom(seed), { uart: { fifo: 4096 } });
		const real = new RealTime(time).start();
		const terminal = await plugIn(board, real);
		let reader: Program | undefined;
		try {
			reader = new Program("build/sim/start.js", ["--pn532", terminal.path, "--seed", String(seed)]);
			await reader.heard("is ready");
			// The phone of the same simulated site: one seed gives the same keys there and here.
			const phone = new World({ crypto: new NodeCrypto(), seed }).phones.nfc("valid");
			real.now(() => board.field.present(phone));
			await reader.heard("relay on");
			assert.include(reader.said, "PN532 version 1.6");
		} finally {
			reader?.kill();
			real.stop();
			terminal.close();
		}
	});

	it("start --ble without an adapter says so and ends with 1", function () {
		const { status, stdout, stderr } = run("start.js", "--ble");
		// A developer's computer may have one: then it advertises.
		if (stdout.includes("advertises"))
			skip(this, "for want of a computer without a Bluetooth adapter: this one advertises");
		assert.equal(status, 1);
		assert.equal(stdout, "");
		assert.match(
			stderr,
			/^start: (no Bluetooth adapter|@stoprocent\/bleno is not installed)[^\n]*\n {2}[^\n]+\n$/,
		);
	});

	it("start --ble names a serial port of a controller that is not there", () => {
		process.env.BLUETOOTH_HCI_SOCKET_UART_PORT = "/dev/no-such-port";
		try {
			const { status, stdout, stderr } = run("start.js", "--ble");
			assert.equal(status, 1);
			assert.equal(stdout, "");
			assert.match(stderr, /^start: there is no serial port \/dev\/no-such-port\n {2}BLUETOOTH_HCI_.+\n$/);
		} finally {
			delete process.env.BLUETOOTH_HCI_SOCKET_UART_PORT;
		}
	});

	it("start --site takes the address of a server", () => {
		const { status, stderr } = run("start.js", "--site", "localhost");
		assert.equal(status, 1);
		assert.include(stderr, "http://127.0.0.1:4191");
	});

	it("start --pn532 with a port that is not there says so and ends with 1", () => {
		const { status, stderr } = run("start.js", "--pn532", "/dev/no-such-port");
		assert.equal(status, 1);
		assert.include(stderr, "/dev/no-such-port");
	});
});
