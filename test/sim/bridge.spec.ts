// SPDX-License-Identifier: Apache-2.0

import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { UUID_FROM_PHONE, UUID_TO_PHONE, UUID_VERSION } from "../../phone/index.js";
import { fromHex, toHex } from "../../protocol/bytes.js";
import { type Bridge, startBridge } from "../../sim/bridge/bridge.js";
import { BridgedCard } from "../../sim/bridge/card.js";
import { enrolment, type PracticeEnrolment } from "../../sim/enrolment.js";
import type { PhoneKind } from "../../sim/people.js";
import { SeededRandom } from "../../sim/random.js";
import { RealTime } from "../../sim/realtime.js";
import { World } from "../../sim/world.js";
import { inWords } from "../../site/lib/log/describe.js";
import { root, skip } from "../support/host.js";
import { Program } from "../support/program.js";
import { HANGS_MS, until } from "../support/until.js";
import { App } from "./bridge-app.js";

const crypto = new NodeCrypto();

describe("npm start -- --bridge", function () {
	this.timeout(2 * HANGS_MS);
	let world: World;
	let real: RealTime;
	let bridge: Bridge;
	const apps: App[] = [];

	beforeEach(async () => {
		world = new World({ crypto, seed: 3 });
		world.plan.install();
		world.powerOn();
		assert.isTrue(world.settle());
		real = new RealTime(world.time).start();
		bridge = await startBridge({ world, real, port: 0 });
	});

	afterEach(() => {
		for (const app of apps.splice(0)) app.close();
		bridge.close();
		real.stop();
	});

	function app(kind: PhoneKind): App {
		const made = new App(enrolment(world, kind));
		apps.push(made);
		return made;
	}

	const told = (): string => world.auditor.entries().map(inWords).join("\n");
	const logged = (words: string): Promise<void> => until(words, () => told().includes(words), told);
	const over = (socket: Socket): Promise<void> => until("hung up", () => socket.closed);

	/** What is left of the rude ones before: nothing, a valid phone opens by either radio. */
	async function opens(radio: "nfc" | "ble"): Promise<void> {
		const good = app("valid");
		if (radio === "nfc") good.tap(bridge.nfcPort);
		else good.connect(bridge.blePort);
		await until("the decision", () => good.results.length > 0, told);
		assert.equal(good.decision, "granted");
		assert.isTrue(world.door.relay.on);
	}

	it("opens the door for an app over NFC, and tells it when the reader begins and lets go", async () => {
		const phone = app("valid");
		phone.tap(bridge.nfcPort);
		await until("it lets go", () => phone.heard.at(-1) === "00");
		assert.equal(phone.decision, "granted");
		assert.isTrue(world.door.relay.on);
		const [begun, select] = phone.heard;
		assert.equal(begun, "01");
		assert.equal(select!.slice(0, 26), "00a4040008f04c494e54454c01");
	});

	it("opens the door for an app over BLE", async () => {
		const phone = app("valid");
		phone.connect(bridge.blePort);
		await until("the end", () => phone.heard.at(-1) === "disconnected");
		assert.equal(phone.decision, "granted");
		assert.isTrue(world.door.relay.on);
		assert.deepEqual(phone.heard.slice(0, 2), ["connected 185", `subscribed ${UUID_TO_PHONE}`]);
	});

	it("refuses a revoked phone by either radio, with the reason", async () => {
		for (const radio of ["nfc", "ble"]) {
			const phone = app("revoked");
			if (radio === "nfc") phone.tap(bridge.nfcPort);
			else phone.connect(bridge.blePort);
			await until("the decision", () => phone.results.length > 0, told);
			assert.equal(phone.decision, "revoked", radio);
			phone.close();
		}
		assert.isFalse(world.door.relay.on);
	});

	it("hung up on in the middle, the reader has lost a phone and serves the next", async () => {
		const rude = app("valid");
		// In place of the answer to the command with message_2.
		await over(
			rude.tap(bridge.nfcPort, (socket, command) =>
				command.startsWith("80e802") ? void socket.destroy() : "app",
			),
		);
		await logged("denied transaction-incomplete by nfc");
		await opens("nfc");
	});

	it("hung up on in the middle of BLE, too", async () => {
		await over(app("valid").connect(bridge.blePort, { stopAt: "notify" }));
		await until("the link is gone", () => world.radio.connections === 0);
		await opens("ble");
	});

	it("gives up a phone that does not answer, and serves the next", async () => {
		const dumb = app("valid");
		dumb.tap(bridge.nfcPort, (_, command) => (command.startsWith("80e802") ? undefined : "app"));
		await until("the reader lets go", () => dumb.heard.includes("00"), told);
		dumb.close();
		await logged("denied transaction-incomplete by nfc");
		await opens("nfc");
	});

	it("takes no late answer for one to the next command, and more answers than commands for junk", () => {
		const sent: string[] = [];
		let ended = false;
		const wire = {
			send: (bytes: Uint8Array | string) => sent.push(toHex(bytes as Uint8Array)),
			end: () => {
				ended = true;
			},
		};
		const card = new BridgedCard(wire, world.board.field, new SeededRandom(1));
		card.process(fromHex("80e80100"));
		card.deselected();
		card.process(fromHex("80e80200"));
		assert.deepEqual(sent, ["000101", "000480e80100", "000100", "000101", "000480e80200"]);
		card.received(fromHex("00026a82"));
		assert.isUndefined(card.late());
		// In pieces, as TCP may give it.
		for (const byte of fromHex("0003aa9000")) card.received(Uint8Array.of(byte));
		assert.equal(toHex(card.late()!), "aa9000");
		assert.isFalse(ended);
		card.received(fromHex("00026a82"));
		assert.isTrue(ended);
		card.gone();
	});

	it("junk ends its own connection alone", async () => {
		const junk = app("stranger");
		const answers = ["00", "0000", "000190", "ffff90", toHex(Buffer.from("GET / HTTP/1.1\r\n\r\n"))];
		// Before any command.
		for (const hex of answers) {
			const socket = junk.open(bridge.nfcPort);
			socket.write(fromHex(hex));
			socket.resume();
			await over(socket);
		}
		// In place of an answer: no status word.
		for (const hex of ["0000", "000190"])
			await over(junk.tap(bridge.nfcPort, (socket) => void socket.write(fromHex(hex))));
		const lines = [
			["GET / HTTP/1.1"],
			["\u0000\u00ff"],
			["connect", "connect"],
			["connect", `write ${UUID_FROM_PHONE} 0g`],
			["connect", `write ${UUID_FROM_PHONE} ${"00".repeat(183)}`],
			["connect", "read 2a00"],
			["connect", `subscribe ${UUID_FROM_PHONE}`],
			["distance -1"],
			["distance here"],
			["x".repeat(10_000)],
		];
		for (const said of lines) {
			const phone = app("stranger");
			await over(phone.connect(bridge.blePort, { lines: said, stopAt: "subscribed" }));
			assert.match(phone.heard.at(-1)!, /^error [^\n]+$/, said.at(-1));
		}
		assert.isFalse(world.door.relay.on);
		await opens("nfc");
	});

	it("hangs up on a fifth program at a port", async () => {
		const crowd = app("stranger");
		const held = [1, 2, 3, 4].map(() => crowd.open(bridge.blePort));
		await until("they are connected", () => held.every((socket) => socket.readyState === "open"));
		const fifth = crowd.open(bridge.blePort);
		fifth.resume();
		await over(fifth);
		assert.isTrue(held.every((socket) => socket.readyState === "open"));
	});

	it("over BLE has what a GATT client asks of it: reads, refusals, commands without a connection, distance", async () => {
		const looking = app("stranger");
		const lines = [
			`read ${UUID_VERSION}`,
			"distance 3.5",
			"connect",
			`read ${UUID_VERSION}`,
			`read ${UUID_FROM_PHONE}`,
			"disconnect",
		];
		looking.connect(bridge.blePort, { lines });
		// The last is to the subscription that the app asks for once it hears that it is connected.
		await until("the end", () => looking.heard.filter((line) => line === "disconnected").length === 3);
		const [none, connected, version, refused] = looking.heard;
		assert.equal(none, "disconnected");
		assert.equal(connected, "connected 185");
		assert.match(version!, new RegExp(`^value ${UUID_VERSION} 02`));
		// Read not permitted (Core 5.4, Vol 3 Part F 3.4.1.1).
		assert.equal(refused, `refused ${UUID_FROM_PHONE} 2`);
	});

	it("has docs/phone-app.md's phone in Python: a phone without the app", async function () {
		if (spawnSync("python3", ["--version"]).status !== 0) skip(this, "for want of python3");
		const page = readFileSync(join(root, "docs/phone-app.md"), "utf8");
		const [, example] = /^```python\n([\s\S]*?)^```$/m.exec(page)!;
		assert.include(example, "35963");
		const python = spawn("python3", ["-u", "-c", example!.replace("35963", String(bridge.nfcPort))]);
		let said = "";
		for (const stream of [python.stdout, python.stderr])
			stream.on("data", (bytes: Buffer) => {
				said += bytes.toString();
			});
		await until(
			"it ends",
			() => python.exitCode !== null,
			() => said,
		);
		assert.equal(python.exitCode, 0, said);
		assert.match(said, /^reader: 00a4040008f04c494e54454c01[\s\S]*the reader has let go\n$/);
		await logged("denied no-application by nfc");
	});
});

describe("npm start -- --bridge, the command", function () {
	this.timeout(2 * HANGS_MS);

	it("prints ports and an enrolment, with which a program opens the door", async () => {
		const reader = new Program("build/sim/start.js", ["--bridge", "0"]);
		try {
			await reader.heard("BLE at 127.0.0.1:");
			const [, invited] = /^(\{.*\})$/m.exec(reader.said)!;
			const [, nfc, ble] = /NFC at 127\.0\.0\.1:(\d+), BLE at 127\.0\.0\.1:(\d+)/.exec(reader.said)!;
			for (const radio of ["nfc", "ble"]) {
				const phone = new App(JSON.parse(invited!) as PracticeEnrolment);
				if (radio === "nfc") phone.tap(Number(nfc));
				else phone.connect(Number(ble));
				await until(
					"the decision",
					() => phone.results.length > 0,
					() => reader.said,
				);
				phone.close();
				assert.equal(phone.decision, "granted", radio);
			}
		} finally {
			reader.kill();
		}
	});

	it("ends with the reason where its port is taken, or no simulated radio is there", async () => {
		const taken = createServer();
		await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
		const { port } = taken.address() as { port: number };
		try {
			for (const [args, words] of [
				[["--bridge", String(port)], "EADDRINUSE"],
				[["--bridge", "65535"], "--bridge must be a port"],
				[["--bridge", "0", "--ble"], "not at real ones"],
			] as const) {
				const start = new Program("build/sim/start.js", args);
				assert.equal(await start.ended, 1, start.said);
				assert.include(start.said, words);
			}
		} finally {
			taken.close();
		}
	});
});
