// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { assert } from "chai";
import { WebSocket } from "ws";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { PN532SerialBoard } from "../../sim/pn532/board.js";
import { plugIn } from "../../sim/pty/board.js";
import { SeededRandom } from "../../sim/random.js";
import { RealTime } from "../../sim/realtime.js";
import { ACTS } from "../../sim/scene/acts.js";
import { VirtualTime } from "../../sim/time.js";
import { World } from "../../sim/world.js";
import { root, skip } from "../support/host.js";
import { Program } from "../support/program.js";
import { Transcript } from "../support/transcript.js";
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

	it("start: without a terminal prints one tap in ten plain lines and ends with 0", () => {
		const { status, stdout } = run("start.js");
		assert.equal(status, 0);
		const lines = stdout.trimEnd().split("\n");
		assert.lengthOf(lines, 10);
		let before = 0;
		for (const line of lines) {
			const [, ms] = /^ *(\d+) ms {2}[A-Z][^.]*\.$/.exec(line) ?? assert.fail(line);
			assert.isAtLeast(Number(ms), before);
			before = Number(ms);
			assert.notMatch(line, /[0-9a-f]{8}/, "bytes");
		}
		assert.include(lines[6], "granted");
		assert.include(lines[7], "The relay is on");
	});

	it("start --bytes: the same tap with its bytes", () => {
		const { status, stdout } = run("start.js", "--bytes");
		assert.equal(status, 0);
		for (const words of ["SELECT", "message_1", "message_2", "message_3", "message_4", "relay on", "granted"])
			assert.include(stdout, words);
	});

	it("start: then serves the page to this computer alone, at a port of one's choice", async () => {
		const started = new Program("build/sim/start.js", ["--port", "0", "--seed", "4"]);
		try {
			await started.heard("The door is yours");
			const [, address = "", port] = /(http:\/\/127\.0\.0\.1:(\d+)\/)#seed=4/.exec(started.said)!;
			const page = await fetch(address);
			assert.equal(page.status, 200);
			assert.include(page.headers.get("content-security-policy"), "default-src 'self'");
			const html = await page.text();
			const [, script] = /src="([^"]+\.js)"/.exec(html)!;
			const code = await fetch(new URL(script!, address));
			assert.match(code.headers.get("content-type")!, /^text\/javascript/);
			assert.isAbove((await code.text()).length, 1000);
			for (const path of ["package.json", "../package.json", "%2e%2e/package.json", "assets", "nothing.js"])
				assert.equal((await fetch(address + path)).status, 404, path);
			assert.equal((await fetch(address, { method: "POST" })).status, 404);
			const taken = run("start.js", "--port", port!);
			assert.equal(taken.status, 1);
			assert.match(taken.stderr, /start: --port: .*EADDRINUSE/);
		} finally {
			started.kill();
		}
	});

	it("start --terminal: each key is an act, and what it says and what the log has come as they happen", async () => {
		const door = new Program("build/sim/start.js", ["--terminal"]);
		try {
			await door.heard("q quit");
			for (const { keys = [] } of ACTS)
				for (const { key, title } of keys) assert.include(door.said, `${key} ${title}`);
			door.type("1");
			await door.heard("a phone is held to the reader (valid)");
			await door.heard("decision granted by nfc");
			await door.heard("the phone shows: granted");
			await door.heard("UNLOCKED");
			door.type("o");
			await door.heard("the door opens");
			await door.heard("door open ");
			door.type("k");
			await door.heard("the site revokes valid");
			await door.heard("notice 1 in force");
			door.type("q");
			assert.equal(await door.ended, 0);
		} finally {
			door.kill();
		}
	});

	it("start --port takes a port", () => {
		for (const port of ["x", "65536", "-1"]) assert.equal(run("start.js", "--port", port).status, 1);
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
			real.now(() => board.field.remove());
			reader.kill();
			await reader.ended;
			// The same on the page.
			reader = new Program("build/sim/start.js", ["--pn532", terminal.path, "--seed", "9", "--port", "0"]);
			await reader.heard("is ready");
			const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(reader.said)!;
			const page = new WebSocket(`${address.replace("http", "ws")}scene`, { origin: address.slice(0, -1) });
			const said = new Transcript();
			page.on("open", () => page.send(JSON.stringify({ kind: "start", script: "" })));
			page.on("message", (data) => said.add(String(data)));
			await said.heard('"acts"');
			assert.notInclude(said.text, '"name":"tap"', "there is no simulated phone for a real chip");
			const again = new World({ crypto: new NodeCrypto(), seed }).phones.nfc("valid");
			real.now(() => board.field.present(again));
			await said.heard("decision granted by nfc");
			await said.heard('"relay":true');
			page.terminate();
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
