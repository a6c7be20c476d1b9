// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { BlePhone, BlePhoneOptions } from "../../sim/ble/central.js";
import { HciController } from "../../sim/ble/hci.js";
import { ANDROID, IOS } from "../../sim/ble/profile.js";
import type { PhoneKind } from "../../sim/people.js";
import { PseudoTerminal } from "../../sim/pty/pty.js";
import { RealTime } from "../../sim/realtime.js";
import { World } from "../../sim/world.js";
import { Program } from "../support/program.js";
import { HANGS_MS, until as waitUntil } from "../support/until.js";
import { needs, needsBleno } from "./installed.js";

const SEED = 9;
/** How long a phone waits afar, ms: several times what a near one waits for its answer. */
const WAITING_MS = 400;

describe("npm start -- --ble: the real bleno on a controller, here a simulated one on a serial line", function () {
	this.timeout(2 * HANGS_MS);
	let world: World;
	let real: RealTime;
	let terminal: PseudoTerminal;
	let controller: HciController;
	let reader: Program;

	before(async function () {
		needs(this, { socat: "socat" });
		needsBleno(this);
		// Phones and their radio; the reader of this world stays off.
		world = new World({ crypto: new NodeCrypto(), seed: SEED });
		real = new RealTime(world.time).start();
		terminal = await PseudoTerminal.open((bytes) => real.now(() => controller.feed(bytes)));
		controller = new HciController(world.radio, (bytes) => terminal.write(bytes));
		reader = new Program("build/sim/start.js", ["--ble", "--seed", String(SEED)], {
			env: { ...process.env, BLUETOOTH_HCI_SOCKET_UART_PORT: terminal.path },
		});
		await until("it advertises", () => world.radio.isAdvertising);
	});

	after(() => {
		reader?.kill();
		real?.stop();
		terminal?.close();
	});

	const until = (what: string, met: () => boolean): Promise<void> => waitUntil(what, met, () => reader.said);

	const phone = (kind: PhoneKind, more: Partial<BlePhoneOptions> = {}): BlePhone =>
		world.phones.ble(kind, { known: false, ...more });

	/** The phone connects; what the door decided, as the phone was told. */
	async function tap(one: BlePhone): Promise<string> {
		await until("the reader advertises again", () => world.radio.isAdvertising);
		world.phones.results.length = 0;
		real.now(() => one.connect());
		await until("the phone hears the decision", () => world.phones.results.length > 0);
		const [result] = world.phones.results;
		await until("the phone has left", () => one.link === undefined);
		return result!.kind === "decision" ? String(result!.decision?.reason) : result!.error.message;
	}

	it("advertises what an app in the background looks for, every 20 ms, and says how it opens", () => {
		assert.equal(world.radio.advertisingInterval, 20);
		assert.include(reader.said, "It opens for a phone that is held near, and for a tap in its app.");
	});

	for (const profile of [IOS, ANDROID])
		it(`opens for a phone held near (${profile.name}), and says no to the revoked and the foreign one`, async () => {
			assert.equal(await tap(phone("valid", { profile })), "granted");
			await until("the reader's log", () => reader.said.includes("decision granted by ble"));
			assert.equal(await tap(phone("revoked", { profile })), "revoked");
			assert.notEqual(await tap(phone("foreign", { profile })), "granted");
		});

	it("keeps a phone at the other end of the room waiting, and opens when it comes near", async () => {
		let metres = 8;
		const crossed = { "to-reader": 0, "to-phone": 0 };
		const one = phone("valid", { distance: () => metres, onFrame: (direction) => crossed[direction]++ });
		await until("the reader advertises again", () => world.radio.isAdvertising);
		world.phones.results.length = 0;
		real.now(() => one.connect());
		await until("the phone has said message_1", () => crossed["to-reader"] > 0);
		await new Promise((resolve) => setTimeout(resolve, WAITING_MS));
		assert.equal(crossed["to-phone"], 0, "answered from afar");
		assert.isEmpty(world.phones.results);
		assert.isDefined(one.link, "dropped too early");
		metres = 0.2;
		await until("the phone hears the decision", () => world.phones.results.length > 0);
		assert.nestedInclude(world.phones.results[0], { "decision.reason": "granted" });
		await until("the phone has left", () => one.link === undefined);
	});

	it("opens from afar for a tap in the app", async () => {
		assert.equal(await tap(phone("valid", { distance: () => 8, tapped: true })), "granted");
	});

	it("serves the next phone after one that left in the middle", async () => {
		let answered = false;
		const leaver = phone("valid", {
			onFrame: (direction) => {
				if (direction === "to-reader") return;
				answered = true;
				leaver.disconnect();
			},
		});
		await until("the reader advertises again", () => world.radio.isAdvertising);
		world.phones.results.length = 0;
		real.now(() => leaver.connect());
		await until("it left at message_2", () => answered && leaver.link === undefined);
		assert.isEmpty(world.phones.results.filter(({ kind }) => kind === "decision"));
		assert.equal(await tap(phone("valid")), "granted");
	});

	it("drops a phone that says nothing, and serves the next one", async () => {
		const silent = { interval: 30, perEvent: 4, distance: () => 0.2, onPdu: () => undefined };
		let gone = false;
		await until("the reader advertises again", () => world.radio.isAdvertising);
		real.now(() => world.radio.connect({ ...silent, onDisconnect: () => (gone = true) }));
		await until("it is dropped", () => gone);
		assert.equal(await tap(phone("valid")), "granted");
	});

	it("drops a second phone, and what that one says is not taken for the first one's", async () => {
		let metres = 8;
		const first = phone("valid", { distance: () => metres });
		await until("the reader advertises again", () => world.radio.isAdvertising);
		world.phones.results.length = 0;
		real.now(() => first.connect());
		await until("the first has begun", () => first.times.subscribed > 0);
		const second = phone("stranger");
		// An adapter that goes on advertising, or two phones in the same moment.
		real.now(() => {
			world.radio.advertise(new Uint8Array(3), 20);
			second.connect();
		});
		await until("the second is dropped", () => second.times.connected > 0 && second.link === undefined);
		assert.isDefined(first.link);
		metres = 0.2;
		await until("the first hears the decision", () => world.phones.results.length > 0);
		assert.lengthOf(world.phones.results, 1);
		assert.nestedInclude(world.phones.results[0], { "decision.reason": "granted" });
		await until("the first has left", () => first.link === undefined);
	});

	it("is gone while the reader has no power, and one reader afterwards", async () => {
		const waiting = phone("valid", { distance: () => 8 });
		await until("the reader advertises again", () => world.radio.isAdvertising);
		real.now(() => waiting.connect());
		await until("a phone is connected", () => waiting.times.subscribed > 0);
		// A phone that lay there as the supply sagged under the strike would not be served again (brown-out.spec).
		await until("the last release is over", () => reader.said.includes("outcome"));
		reader.type("p");
		await until("the phone is dropped", () => waiting.link === undefined);
		await new Promise((resolve) => setTimeout(resolve, 100));
		assert.isFalse(world.radio.isAdvertising);
		// One that heard the last advertisement.
		const late = phone("valid");
		real.now(() => {
			world.radio.advertise(new Uint8Array(3), 20);
			late.connect();
		});
		await until("the late phone is dropped", () => late.times.connected > 0 && late.link === undefined);
		reader.type("p");
		const before = reader.said.length;
		assert.equal(await tap(phone("valid")), "granted");
		const granted = (): number => reader.said.slice(before).split("decision granted by ble").length - 1;
		await until("the reader's log", () => granted() > 0);
		assert.equal(granted(), 1);
	});

	it("asked the controller for nothing that it does not have", () => {
		assert.deepEqual(controller.unknown, []);
	});
});
