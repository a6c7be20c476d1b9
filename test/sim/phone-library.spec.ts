// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { webcrypto } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { HostCardEmulation } from "../../phone/hce.js";
import { Holder, type HolderResult } from "../../phone/holder.js";
import { ES256, GattHolder } from "../../phone/index.js";
import { CborWriter } from "../../protocol/cbor/writer.js";
import { KnownCredentials } from "../../protocol/credential/known.js";
import { EphemeralPool } from "../../protocol/edhoc/ephemeral.js";
import { errorMessage } from "../../protocol/edhoc/errors.js";
import { UUID_FROM_PHONE, UUID_TO_PHONE } from "../../protocol/link/ble-service.js";
import { FrameWriter } from "../../protocol/link/frames.js";
import { GattClient } from "../../sim/ble/client.js";
import { SeededRandom } from "../../sim/random.js";
import { SimSite } from "../../sim/site.js";
import { Transaction } from "../../src/schemes/edhoc/transaction.js";
import { BleBench } from "../drivers/ble/bench.js";
import { root } from "../support/host.js";
import { buildPhonePackage } from "../support/phone-package.js";

/** Every file that a compiled module reaches by relative imports; bare names as they are. */
function reach(entry: string, seen = new Map<string, string>()): Map<string, string> {
	if (seen.has(entry)) return seen;
	const text = readFileSync(entry, "utf8");
	seen.set(entry, text);
	for (const match of text.matchAll(/(?:from|import)\s+"([^"]+)"/g))
		if (match[1]!.startsWith(".")) reach(join(dirname(entry), match[1]!), seen);
	return seen;
}

/** Names that Node or a browser has and the language has not; `tsc -p phone`, which knows none, refuses the rest. */
const FOREIGN = (
	"Buffer TextEncoder TextDecoder URL atob btoa setTimeout setInterval setImmediate queueMicrotask structuredClone " +
	"performance console require fetch XMLHttpRequest WebSocket document window navigator localStorage self"
).split(" ");

interface Package {
	readonly dependencies: Readonly<Record<string, string>>;
	readonly exports: Readonly<Record<".", { readonly types: string }>>;
}

/** What the app of docs/phone-app.md has of its own. */
const APP = `import { GattHolder } from "lintel-phone";
declare const credential: Uint8Array;
declare const signedList: Uint8Array;
declare const phoneKeySigns: (message: Uint8Array) => Promise<Uint8Array>;
declare const show: (result: import("lintel-phone").HolderResult) => void;
declare const device: { readonly gatt: BluetoothRemoteGATTServer };
declare const fromPhone: BluetoothRemoteGATTCharacteristic;
declare const toPhone: BluetoothRemoteGATTCharacteristic & { readonly value: DataView<ArrayBuffer> };
`;

describe("the phone library", () => {
	let folder: string | undefined;

	after(() => {
		if (folder !== undefined) rmSync(folder, { recursive: true });
	});

	it("reaches nothing of Node, and no package but those of the portable crypto", () => {
		const bare = new Set<string>();
		for (const text of reach(join(root, "build/phone/index.js")).values())
			for (const match of text.matchAll(/(?:from|import)\s+"([^."][^"]*)"/g)) bare.add(match[1]!);
		for (const name of bare) assert.match(name, /^(@noble\/(ciphers|curves|hashes)\/.+|tweetnacl-ts)$/);
	});

	it("is a package that names what it imports, with types that check the example and what docs/phone-app.md shows", () => {
		folder = buildPhonePackage();
		const read = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Package;
		const { dependencies, exports } = read(join(folder, "package.json"));
		assert.sameMembers(Object.keys(dependencies), [
			"@noble/ciphers",
			"@noble/curves",
			"@noble/hashes",
			"tweetnacl-ts",
		]);
		const pinned = read(join(root, "package.json")).dependencies;
		for (const [name, release] of Object.entries(dependencies)) assert.equal(release, pinned[name]);
		const config = join(folder, "example.json");
		const paths = { "lintel-phone": [join(folder, exports["."].types)] };
		writeFileSync(
			config,
			JSON.stringify({
				extends: join(root, "examples/web-bluetooth/tsconfig.json"),
				compilerOptions: { paths },
				include: [join(root, "examples/web-bluetooth/*.js"), "app.ts"],
			}),
		);
		const page = readFileSync(join(root, "docs/phone-app.md"), "utf8");
		const shown = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
		assert.lengthOf(shown, 2);
		writeFileSync(join(folder, "app.ts"), [APP, ...shown, "export {};"].join("\n"));
		const tsc = join(root, "node_modules/typescript/bin/tsc");
		const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", config], { encoding: "utf8" });
		assert.equal(status, 0, stdout);
	});

	it("uses no global of Node or of a browser in its own files", () => {
		for (const forbidden of FOREIGN) {
			for (const [file, text] of reach(join(root, "build/phone/index.js"))) {
				const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "").replace(/"[^"\n]*"|`[^`]*`/g, '""');
				assert.notMatch(code, new RegExp(`(?<![\\w.#])${forbidden}\\b`), `${file}: ${forbidden}`);
			}
		}
	});

	/** A connection that subscribes; `write` sends frames by requests. */
	function connect(bench: BleBench, holder: GattHolder, mtu: number, heard: (value: Uint8Array) => void) {
		let client: GattClient | undefined;
		const link = bench.radio.connect({
			interval: 30,
			perEvent: 4,
			distance: () => 0.2,
			onPdu: (pdu) => client!.received(pdu),
			onDisconnect: () => holder.lost(),
		})!;
		client = new GattClient(link);
		client.onNotification = heard;
		client.exchangeMtu(mtu);
		client.subscribe(bench.radio.handle(UUID_TO_PHONE) + 1);
		const fromPhone = bench.radio.handle(UUID_FROM_PHONE);
		const write = (frames: readonly Uint8Array[]): void => {
			for (const frame of frames) client.write(fromPhone, frame);
		};
		return { link, write };
	}

	it("carries a whole transaction over a GATT connection of any MTU", () => {
		for (const mtu of [23, 185, 517]) {
			const bench = new BleBench();
			const results: HolderResult[] = [];
			const session = bench.holder(bench.site.phone(), 4, results).session();
			const holder = new GattHolder({ session, mtu });
			const { link, write } = connect(bench, holder, mtu, (value) => {
				write(holder.received(value));
				if (holder.over) link.close();
			});
			write(holder.begin());
			bench.time.run(5000);
			assert.deepEqual(results, [
				{ kind: "decision", decision: { granted: true, reason: "granted" }, door: "FRONT", listVersion: 1 },
			]);
			assert.lengthOf(bench.decided, 1);
		}
	});

	/** A good phone of the bench whose key signs in a promise. */
	function later(
		bench: BleBench,
		results: HolderResult[],
		sign?: (message: Uint8Array) => Uint8Array,
	): Holder {
		const { own } = bench.site.phone();
		const { idCred, cred, algorithm } = own;
		return new Holder({
			crypto: bench.crypto,
			random: bench.random,
			credential: {
				idCred,
				cred,
				algorithm,
				signLater: (message) => Promise.resolve((sign ?? ((bytes) => own.sign(bytes)))(message)),
			},
			suite: 4,
			trust: bench.site.trust,
			onResult: (result) => results.push(result),
		});
	}

	/** Carries a transaction by `receivedLater`; `lose`: the connection goes while the phone computes. */
	async function carry(bench: BleBench, holder: GattHolder, lose = false): Promise<void> {
		const notified: Uint8Array[] = [];
		const { link, write } = connect(bench, holder, 185, (value) => notified.push(value));
		write(holder.begin());
		for (let turns = 0; turns < 100 && !holder.over; turns++) {
			bench.time.run(30);
			for (const value of notified.splice(0)) {
				const frames = holder.receivedLater(value);
				if (lose && link.open) link.close();
				write(await frames);
			}
		}
		link.close();
		bench.time.run(3000);
	}

	it("waits for a key that signs later", async () => {
		const bench = new BleBench();
		const results: HolderResult[] = [];
		await carry(bench, new GattHolder({ session: later(bench, results).session() }));
		assert.deepEqual(results, [
			{ kind: "decision", decision: { granted: true, reason: "granted" }, door: "FRONT", listVersion: 1 },
		]);
		assert.lengthOf(bench.decided, 1);
	});

	it("opens by a P-256 key that never leaves WebCrypto", async () => {
		const bench = new BleBench();
		const results: HolderResult[] = [];
		const { own, publicKey, secretKey } = bench.site.phone(5);
		const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
		const [x, y] = [publicKey.publicKey.slice(1, 33), publicKey.publicKey.slice(33)];
		const jwk = { kty: "EC", crv: "P-256", x: text(x), y: text(y), d: text(secretKey) };
		const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
		const key = await webcrypto.subtle.importKey("jwk", jwk, ecdsa, false, ["sign"]);
		const holder = new Holder({
			crypto: bench.crypto,
			random: bench.random,
			credential: {
				idCred: own.idCred,
				cred: own.cred,
				algorithm: ES256,
				signLater: async (message) => new Uint8Array(await webcrypto.subtle.sign(ecdsa, key, message)),
			},
			suite: 5,
			trust: bench.site.trust,
			onResult: (result) => results.push(result),
		});
		await carry(bench, new GattHolder({ session: holder.session() }));
		assert.equal(results[0]?.kind, "decision");
		assert.lengthOf(bench.decided, 1);
	});

	it("fails once and plainly where that key fails, signs wrong, or the phone is gone by then", async () => {
		const fails: [(message: Uint8Array) => Uint8Array, RegExp][] = [
			[
				() => {
					throw new Error("the user said no");
				},
				/the user said no/,
			],
			[() => new Uint8Array(70), /a signature of 70 bytes, not 64/],
			[() => new Uint8Array(64), /EDHOC: peer-error/],
		];
		for (const [sign, message] of fails) {
			const bench = new BleBench();
			const results: HolderResult[] = [];
			await carry(bench, new GattHolder({ session: later(bench, results, sign).session() }));
			assert.lengthOf(results, 1);
			const [result] = results;
			assert.match(result?.kind === "failed" ? result.error.message : "decided", message);
			assert.isEmpty(bench.decided);
			assert.isDefined(bench.goodPhone(), "the next phone opens");
		}
		const bench = new BleBench();
		await carry(bench, new GattHolder({ session: later(bench, []).session() }), true);
		assert.isEmpty(bench.decided);
	});

	it("answers over NFC with a key that signs later", async () => {
		const bench = new BleBench();
		const hce = new HostCardEmulation(() => later(bench, []).session());
		const reader = new Transaction({
			scratch: new CborWriter(),
			crypto: bench.crypto,
			suites: [4],
			credentials: [bench.site.reader("FRONT").own],
			ephemerals: new EphemeralPool(bench.crypto, bench.random),
			known: new KnownCredentials(),
			site: bench.site,
			door: "FRONT",
			events: {
				onIdentity: () => ({ granted: true, reason: "granted" }),
				onRefused: (reason) => assert.fail(reason),
			},
		});
		const process = async (...bytes: number[]): Promise<Uint8Array> =>
			(await hce.processLater(Uint8Array.from(bytes))).response;
		const selected = await process(0, 0xa4, 4, 0, 8, 0xf0, 0x4c, 0x49, 0x4e, 0x54, 0x45, 0x4c, 1, 0);
		reader.open();
		const message2 = reader.receive(selected.slice(1, -2))!;
		reader.ahead();
		const answer = await process(0x80, 0xe8, 2, 0, message2.length, ...message2);
		const message4 = reader.receive(answer.slice(0, -2))!;
		assert.isTrue(reader.over);
		assert.isFalse(reader.failed);
		assert.deepEqual([...(await process(0x80, 0xe8, 4, 0, message4.length, ...message4))], [0x90, 0]);
		// Asked for a signature and let go before it came: nothing is answered to the next reader.
		await process(0, 0xa4, 4, 0, 8, 0xf0, 0x4c, 0x49, 0x4e, 0x54, 0x45, 0x4c, 1, 0);
		const late = process(0x80, 0xe8, 2, 0, message2.length, ...message2);
		hce.deselected();
		assert.deepEqual([...(await late)], [0x69, 0x85]);
	});

	it("learns the MTU from the reader's frames where the platform does not tell", () => {
		for (const mtu of [23, 100, 517]) {
			const bench = new BleBench();
			const session = bench.holder(bench.site.phone(), 4, []).session();
			const holder = new GattHolder({ session });
			assert.isAtMost(Math.max(...holder.begin().map(({ length }) => length)), 20);
			const answer = new FrameWriter();
			answer.begin(2, new Uint8Array(300).fill(0x58));
			let written: Uint8Array[] = [];
			for (let frame = answer.next(mtu); frame !== undefined; frame = answer.next(mtu))
				written = holder.received(frame);
			// What came is no message_2: the error message goes out by its own kind, within the MTU.
			assert.isNotEmpty(written);
			assert.equal(written[0]![1], 0);
			assert.isAtMost(Math.max(...written.map(({ length }) => length)), mtu - 3);
		}
	});

	it("ends where a reader sends an error in place of message_2, and answers nothing", () => {
		const bench = new BleBench();
		const results: HolderResult[] = [];
		const holder = new GattHolder({ session: bench.holder(bench.site.phone(), 4, results).session() });
		holder.begin();
		const error = errorMessage(new Error())!;
		assert.isEmpty(holder.received(Uint8Array.from([0xc0, 2, 0, error.length, ...error])));
		assert.isTrue(holder.over);
		assert.isFalse(holder.finished);
		assert.lengthOf(results, 1);
		assert.equal(results[0]!.kind, "failed");
	});

	it("a reader of another site gets an error and learns nothing of the holder", () => {
		const crypto = new NodeCrypto();
		const random = new SeededRandom(1);
		const site = new SimSite(crypto, random);
		const phone = site.phone();
		const holder = new Holder({
			crypto,
			random,
			credential: phone.own,
			suite: 4,
			trust: site.trust,
		});
		const hce = new HostCardEmulation(() => holder.session());
		hce.process(Uint8Array.from([0, 0xa4, 4, 0, 8, 0xf0, 0x4c, 0x49, 0x4e, 0x54, 0x45, 0x4c, 1, 0]));
		const forged = new Uint8Array(5 + 240).fill(7);
		forged.set([0x80, 0xe8, 2, 0, 240]);
		const { response } = hce.process(forged);
		const text = Buffer.from(response).toString("latin1");
		assert.notInclude(text, Buffer.from(phone.id).toString("latin1"));
		assert.isBelow(response.length, 40, "an error, not a message_3");
	});
});
