// SPDX-License-Identifier: Apache-2.0

import { register } from "node:module";
import { Readable, Writable } from "node:stream";
import { autoDetect } from "@serialport/bindings-cpp";
import { SerialPortStream } from "@serialport/stream";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { checkConfig } from "../../protocol/config/document.js";
import { listHash } from "../../protocol/trust/list.js";
import { practiceKeys } from "../../sim/practice-keys.js";
import { engineFor, needs } from "../sim/installed.js";
import { DeviceReader, Installation } from "./terminal.js";

/** What the SDK offers, as far as it is used here. */
interface ImprovSerial {
	readonly info: { firmware: string; version: string; name: string; chipFamily: string };
	readonly state: number;
	initialize(timeout?: number): Promise<unknown>;
	scan(timeout?: number): Promise<{ name: string; rssi: number; secured: boolean }[]>;
	provision(ssid: string, password: string, timeout?: number): Promise<void>;
	requestCurrentState(timeout?: number): Promise<void>;
	close(): Promise<void>;
}

/** The SDK is written for bundlers: its imports lack `.js`, its package the type. */
const HOOKS = `
export async function resolve(name, context, next) {
	const inside = context.parentURL?.includes("/improv-wifi-serial-sdk/") && name.startsWith(".");
	return next(inside && !name.endsWith(".js") ? name + ".js" : name, context);
}
export async function load(url, context, next) {
	return next(url, url.includes("/improv-wifi-serial-sdk/") ? { ...context, format: "module" } : context);
}`;

/** What the SDK waits at most; no answer here takes as long, however busy the computer is. */
const LIMIT_MS = 10_000;
const READY = 2;
const PROVISIONED = 4;

describe("Improv by improv-wifi-serial-sdk", () => {
	let site: Installation;
	let port: SerialPortStream;
	let improv: ImprovSerial;

	before(function () {
		needs(this, { socat: "socat" });
		register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
	});

	/** The port as a browser's Web Serial has it. */
	async function connect(path: string): Promise<ImprovSerial> {
		port = new SerialPortStream({
			binding: autoDetect(),
			path,
			baudRate: 115_200,
			autoOpen: false,
		});
		await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
		const web = { readable: Readable.toWeb(port), writable: Writable.toWeb(port) };
		const name = "improv-wifi-serial-sdk/dist/serial.js";
		const sdk = (await import(name)) as {
			ImprovSerial: new (port: object, logger: object) => ImprovSerial;
		};
		const quiet = { log: () => {}, error: () => {}, debug: () => {} };
		return new sdk.ImprovSerial(web, quiet);
	}

	beforeEach(async () => {
		site = new Installation();
		await site.reader.plug();
		improv = await connect(site.reader.path);
	});

	afterEach(async () => {
		port.destroy();
		await new Promise((resolve) => (port.isOpen ? port.close(resolve) : resolve(undefined)));
		site.end();
	});

	it("finds a new reader, scans, is told of a wrong password and joins by the right one", async () => {
		await improv.initialize(LIMIT_MS);
		assert.deepInclude(improv.info, { firmware: "Lintel", chipFamily: "simulated", name: "Lintel reader" });
		assert.equal(improv.state, READY);
		assert.deepEqual(await improv.scan(LIMIT_MS), [{ name: "Building", rssi: -51, secured: true }]);
		const wrong = await improv.provision("Building", "battery", LIMIT_MS).catch((error: unknown) => error);
		assert.match(String(wrong), /connect/i);
		await improv.provision("Building", "correct horse", LIMIT_MS);
		assert.equal(improv.state, PROVISIONED);
		assert.deepEqual(site.reader.store.wifi, { ssid: "Building", password: "correct horse" });
	});

	it("is told who a commissioned reader is, and refused everything else", async () => {
		const { store } = site.reader;
		await improv.initialize(LIMIT_MS);
		store.makeKeys();
		const crypto = new NodeCrypto();
		const { trust } = practiceKeys("ACME", crypto.ed25519KeyPair(new Uint8Array(32)), crypto);
		const membership = {
			trust,
			anchor: listHash(trust, crypto),
			door: "FRONT",
			credentials: [Uint8Array.of(1)],
		};
		const checked = checkConfig({ id: "FRONT" });
		if ("problems" in checked) throw new Error("the configuration is not valid");
		store.join(membership, checked.config);
		await improv.requestCurrentState(LIMIT_MS);
		// Improv's "not authorised", for which the SDK has no words.
		for (const attempt of [
			() => improv.scan(LIMIT_MS),
			() => improv.provision("Building", "correct horse", LIMIT_MS),
		])
			assert.equal(await attempt().catch((error: unknown) => error), "UNKNOWN_ERROR (4)");
		assert.isUndefined(store.wifi);
		assert.equal(site.reader.facade.password, "");
	});

	for (const name of ["Node", "XS"])
		it(`gives Wi-Fi to a whole device whose firmware is on ${name}, which is in that network after a restart`, async function () {
			const engine = name === "XS" ? engineFor(this) : undefined;
			const device = new DeviceReader(engine);
			try {
				await device.plug();
				const before = port;
				const web = await connect(device.path);
				await web.initialize(LIMIT_MS);
				assert.deepInclude(web.info, { firmware: "Lintel", chipFamily: "simulated" });
				const heard = await web.scan(LIMIT_MS);
				assert.deepEqual(
					heard.map(({ name: ssid, secured }) => [ssid, secured]),
					[
						["Building", true],
						["Guests", false],
					],
				);
				await web.provision("Building", "correct horse", LIMIT_MS);
				assert.equal(web.state, PROVISIONED);
				port.destroy();
				port = before;
				device.unplug();
				device.powerCycle();
				device.world.time.run(5000);
				assert.isTrue(device.world.wifi.joined);
			} finally {
				device.unplug();
				engine?.close();
			}
		});
});
